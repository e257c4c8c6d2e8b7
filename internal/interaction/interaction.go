package interaction

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"resonance/internal/catalog"
	"resonance/internal/errs"
)

// NoValue is the Value of an event that carries none, or whose value is unknown.
const NoValue = -1

// Interaction is one event: a user did something with a post.
type Interaction struct {
	// Key identifies the event: "view:13086" for upstream's view row 13086, or what a client
	// chose. An event without a key is identified by user, post, kind and time.
	Key      string
	Username string // empty when upstream has not named the user yet
	UserID   int64  // counts only where Username is empty
	PostID   int64  // may name a post that is not known yet
	Kind     Kind
	Value    int       // rating 1..100, view 0..100 percent watched, else NoValue
	At       time.Time // UTC, millisecond precision
}

// Check reports the first field that is wrong; the error wraps errs.Invalid.
func (i *Interaction) Check() error {
	switch {
	case i.Username == "" && (i.UserID < 1 || i.UserID > catalog.MaxID):
		return fmt.Errorf("%w: username: is empty, and user_id %d is not in 1..%d", errs.Invalid, i.UserID, catalog.MaxID)
	case !utf8.ValidString(i.Username) || !utf8.ValidString(i.Key):
		return fmt.Errorf("%w: username, key: must be UTF-8", errs.Invalid)
	case i.PostID < 1 || i.PostID > catalog.MaxID:
		return fmt.Errorf("%w: post_id: %d is not in 1..%d", errs.Invalid, i.PostID, catalog.MaxID)
	case !i.Kind.Valid():
		return fmt.Errorf("%w: kind: is missing", errs.Invalid)
	case i.At.IsZero():
		return fmt.Errorf("%w: at: is missing; give the time as RFC 3339", errs.Invalid)
	case i.At.UTC().Year() < 0 || i.At.UTC().Year() > 9999:
		return fmt.Errorf("%w: at: the year %d is not in 0..9999", errs.Invalid, i.At.UTC().Year())
	}
	return i.Kind.CheckValue(i.Value)
}

// interactionJSON is the form in which events are imported and exported.
type interactionJSON struct {
	Key      string   `json:"key,omitzero"`
	Username string   `json:"username,omitzero"`
	UserID   int64    `json:"user_id,omitzero"`
	PostID   int64    `json:"post_id"`
	Kind     string   `json:"kind"`
	Value    *float64 `json:"value,omitzero"`
	At       string   `json:"at"`
}

// MarshalJSON writes the event with its time as RFC 3339 in UTC; absent fields are left out.
func (i Interaction) MarshalJSON() ([]byte, error) {
	j := interactionJSON{
		Key: i.Key, Username: i.Username, PostID: i.PostID, Kind: i.Kind.String(),
		At: i.At.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano),
	}
	if i.Username == "" {
		j.UserID = i.UserID
	}
	if i.Value != NoValue {
		value := float64(i.Value)
		j.Value = &value
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads an event and checks it; a fractional value is rounded to the nearest whole
// one, and the value of a kind that has none is ignored, as are unknown keys. An error wraps
// errs.Invalid and names the key.
func (i *Interaction) UnmarshalJSON(b []byte) error {
	var j interactionJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return fmt.Errorf("%w: interaction: %w", errs.Invalid, err)
	}
	kind, err := ParseKind(j.Kind)
	if err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, j.At)
	if err != nil {
		return fmt.Errorf("%w: at: %q is not RFC 3339, as 2026-01-02T03:04:05Z", errs.Invalid, j.At)
	}
	*i = Interaction{
		Key: j.Key, Username: j.Username, UserID: j.UserID, PostID: j.PostID, Kind: kind,
		Value: NoValue, At: at.UTC().Truncate(time.Millisecond),
	}
	if i.Username != "" {
		i.UserID = 0
	}
	if j.Value != nil && kind.HasValue() {
		i.Value = int(math.Round(min(max(*j.Value, -1e6), 1e6)))
		if i.Value < 0 { // NoValue is no value that may be written
			return kind.outside(i.Value)
		}
	}
	return i.Check()
}
