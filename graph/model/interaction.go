package model

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"resonance/internal/interaction"
)

// RecordInteractionInput is what a user did with a post.
type RecordInteractionInput struct {
	Username        string
	PostID          string
	Kind            interaction.Kind
	Value           *int64
	WatchedSeconds  *float64
	DurationSeconds *float64
	At              *time.Time
	IdempotencyKey  *string
}

// Draft returns the input as a draft, which says itself what is wrong with it.
func (i *RecordInteractionInput) Draft() interaction.Draft {
	d := interaction.Draft{
		Username: i.Username, Kind: i.Kind, Value: i.Value, At: orZero(i.At), Key: orZero(i.IdempotencyKey),
		Watch: interaction.Watch{Watched: i.WatchedSeconds, Duration: i.DurationSeconds},
	}
	d.PostID, d.Wrong = ParsePostID("postId", i.PostID)
	return d
}

// RecordInteractionsInput is what users did.
type RecordInteractionsInput struct{ Interactions []RecordInteractionInput }

// Drafts returns the rows as drafts, in order.
func (i *RecordInteractionsInput) Drafts() []interaction.Draft {
	drafts := make([]interaction.Draft, len(i.Interactions))
	for n := range drafts {
		drafts[n] = i.Interactions[n].Draft()
	}
	return drafts
}

// RemoveInteractionInput is what to take back.
type RemoveInteractionInput struct {
	Username string
	PostID   string
	Kind     interaction.Kind
	At       *time.Time
}

// Removal returns the input as a removal. The error wraps errs.Invalid.
func (i *RemoveInteractionInput) Removal() (interaction.Removal, error) {
	id, err := ParsePostID("postId", i.PostID)
	return interaction.Removal{Username: i.Username, PostID: id, Kind: i.Kind, At: orZero(i.At)}, err
}

// RemoveInteractionPayload says how many interactions were taken back.
type RemoveInteractionPayload struct{ RemovedInteractions int64 }

// ForgetUserInput names whom to forget.
type ForgetUserInput struct{ Username string }

// ForgetUserPayload says how many interactions went with the user.
type ForgetUserPayload struct{ DeletedInteractions int64 }

// Interaction is what a user did with a post.
type Interaction struct{ interaction.Interaction }

// PostID returns the global id of the post.
func (i Interaction) PostID() string {
	return GlobalID(KindPost, strconv.FormatInt(i.Interaction.PostID, 10))
}

// Value returns the value, or nil.
func (i Interaction) Value() *int64 {
	if i.Interaction.Value == interaction.NoValue {
		return nil
	}
	value := int64(i.Interaction.Value)
	return &value
}

// IdempotencyKey returns the client's key, or nil.
func (i Interaction) IdempotencyKey() *string {
	if i.Key == "" {
		return nil
	}
	return &i.Key
}

// RecordInteractionPayload is an interaction that was recorded.
type RecordInteractionPayload struct {
	Interaction Interaction
	Duplicate   bool
}

// NewRecordInteractionPayload returns an outcome, or the error that it is.
func NewRecordInteractionPayload(o interaction.Outcome) (*RecordInteractionPayload, error) {
	if o.Err != nil {
		return nil, o.Err
	}
	return &RecordInteractionPayload{Interaction{o.Interaction}, o.Duplicate}, nil
}

// RecordInteractionsPayload is what became of many interactions.
type RecordInteractionsPayload struct {
	Results                        []RecordInteractionResult
	Accepted, Duplicates, Rejected int64
}

// RecordInteractionResult is what became of one of them.
type RecordInteractionResult struct {
	Index         int64
	Status        RecordStatus
	Interaction   *Interaction
	Code, Message *string
}

// RecordStatus is what can become of an interaction that was sent.
type RecordStatus string

// The statuses.
const (
	RecordAccepted  RecordStatus = "ACCEPTED"
	RecordDuplicate RecordStatus = "DUPLICATE"
	RecordRejected  RecordStatus = "REJECTED"
)

// NewRecordInteractionsPayload returns outcomes in order; classify gives the code and message of
// an error.
func NewRecordInteractionsPayload(outcomes []interaction.Outcome, classify func(error) (code, message string)) *RecordInteractionsPayload {
	p := &RecordInteractionsPayload{Results: make([]RecordInteractionResult, len(outcomes))}
	for n, o := range outcomes {
		result := &p.Results[n]
		*result = RecordInteractionResult{Index: int64(n), Interaction: &Interaction{o.Interaction}}
		switch {
		case o.Err != nil:
			code, message := classify(o.Err)
			result.Status, result.Interaction, result.Code, result.Message = RecordRejected, nil, &code, &message
			p.Rejected++
		case o.Duplicate:
			result.Status = RecordDuplicate
			p.Duplicates++
		default:
			result.Status = RecordAccepted
			p.Accepted++
		}
	}
	return p
}

// MarshalInteractionKind writes a kind as GraphQL's enum value.
func MarshalInteractionKind(k interaction.Kind) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(strings.ToUpper(k.String()))) })
}

// UnmarshalInteractionKind reads a kind.
func UnmarshalInteractionKind(v any) (interaction.Kind, error) {
	text, _ := v.(string)
	k, err := interaction.ParseKind(strings.ToLower(text))
	if err != nil || text != strings.ToUpper(text) {
		return 0, errors.New("must be a value of InteractionKind")
	}
	return k, nil
}

// MarshalGQL writes the status as an enum value.
func (s RecordStatus) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(s))) }

// UnmarshalGQL is there because gqlgen asks for it: no input holds a status.
func (s *RecordStatus) UnmarshalGQL(v any) error {
	text, _ := v.(string)
	*s = RecordStatus(text)
	return nil
}

// orZero returns what p points to, the zero value for nil.
func orZero[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}
