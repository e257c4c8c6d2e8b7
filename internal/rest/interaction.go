package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"resonance/internal/caller"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/web"
)

// Recorder keeps what users do. Errors are of the kinds in errs; what is on disk when a call
// returns is in the next feed.
type Recorder interface {
	Record(ctx context.Context, who caller.Caller, drafts []interaction.Draft) ([]interaction.Outcome, error)
	Withdraw(ctx context.Context, who caller.Caller, removal interaction.Removal) (removed int, err error)
	Forget(ctx context.Context, username string) (deleted int64, err error)
}

// newInteraction is an interaction as a client sends it.
type newInteraction struct {
	Username        string     `json:"username" minLength:"1" maxLength:"255" example:"ada" doc:"Who did it. An unknown name becomes a user."`
	PostID          int64      `json:"post_id" minimum:"1" maximum:"2147483647" example:"1042" doc:"With which post."`
	Kind            string     `json:"kind" enum:"view,like,inspire,rating,share,bookmark,follow,skip,hide,impression" example:"like" doc:"What was done. like, bookmark and follow are states: doing one again changes nothing. A follow is of the post's author."`
	Value           *int64     `json:"value,omitempty" nullable:"true" minimum:"0" maximum:"100" example:"80" doc:"The rating, 1 to 100, or how much of the video was watched in percent. Other kinds have none."`
	WatchedSeconds  *float64   `json:"watched_seconds,omitempty" nullable:"true" minimum:"0" example:"7.5" doc:"How long a view lasted; together with duration_seconds, in place of value."`
	DurationSeconds *float64   `json:"duration_seconds,omitempty" nullable:"true" exclusiveMinimum:"0" example:"30" doc:"How long the video is."`
	At              *time.Time `json:"at,omitempty" nullable:"true" example:"2026-01-02T03:04:05Z" doc:"When it was done, at most five minutes ahead of the server's clock. Left out or null: now."`
	IdempotencyKey  *string    `json:"idempotency_key,omitempty" nullable:"true" maxLength:"255" example:"7f9c24e5" doc:"New for each interaction of a user. The same interaction under the same key counts once; another one under that key is a conflict."`
}

func (n *newInteraction) draft() interaction.Draft {
	d := interaction.Draft{
		Username: n.Username, PostID: n.PostID, Value: n.Value,
		Watch: interaction.Watch{Watched: n.WatchedSeconds, Duration: n.DurationSeconds},
	}
	if n.At != nil {
		d.At = *n.At
	}
	if n.IdempotencyKey != nil {
		d.Key = *n.IdempotencyKey
	}
	d.Kind, d.Wrong = interaction.ParseKind(n.Kind)
	return d
}

// oldInteraction is an interaction as it is stored.
type oldInteraction struct {
	Username       string    `json:"username" example:"ada" doc:"Who did it."`
	PostID         int64     `json:"post_id" minimum:"1" maximum:"2147483647" example:"1042" doc:"With which post."`
	Kind           string    `json:"kind" enum:"view,like,inspire,rating,share,bookmark,follow,skip,hide,impression" example:"like" doc:"What was done."`
	Value          *int      `json:"value" minimum:"0" maximum:"100" example:"80" doc:"The rating, or the percent watched; null where that is not known and for other kinds."`
	At             time.Time `json:"at" example:"2026-01-02T03:04:05Z" doc:"When it was done."`
	IdempotencyKey *string   `json:"idempotency_key" example:"7f9c24e5" doc:"The key that it was sent under, or null."`
}

// recorded is what became of one interaction.
type recorded struct {
	Status      string         `json:"status" enum:"accepted,duplicate" example:"accepted" doc:"accepted: it is on disk, and counts. duplicate: nothing changed, because it was recorded before or has been removed since."`
	Interaction oldInteraction `json:"interaction" doc:"As it is stored; of a duplicate, as it was before."`
}

// recordedRows is what became of many.
type recordedRows struct {
	Accepted   int           `json:"accepted" minimum:"0" example:"1" doc:"How many were accepted."`
	Duplicates int           `json:"duplicates" minimum:"0" example:"0" doc:"How many were duplicates."`
	Rejected   int           `json:"rejected" minimum:"0" example:"0" doc:"How many were rejected."`
	Results    []recordedRow `json:"results" nullable:"false" doc:"One for each interaction, in order."`
}

type recordedRow struct {
	Index       int             `json:"index" minimum:"0" example:"0" doc:"Its place among those that were sent."`
	Status      string          `json:"status" enum:"accepted,duplicate,rejected" example:"accepted" doc:"As for one interaction; rejected: it is wrong, and nothing changed."`
	Interaction *oldInteraction `json:"interaction,omitempty" doc:"As it is stored; left out when it was rejected."`
	Code        string          `json:"code,omitempty" enum:"BAD_USER_INPUT,NOT_FOUND,FORBIDDEN,CONFLICT" example:"NOT_FOUND" doc:"Why it was rejected."`
	Message     string          `json:"message,omitempty" example:"there is no post 404" doc:"The same in words."`
}

// maxRows is how many interactions a request may bring.
const maxRows = 1000

const notJSON = "the body is not JSON"

// recordBody is the body of POST /interactions, one object or a list of them.
type recordBody struct {
	RawBody []byte `contentType:"application/json"`
}

func (a *api) addInteractions(operations huma.API) {
	schemas := operations.OpenAPI().Components.Schemas
	most := maxRows
	one, many := schemas.Schema(reflect.TypeFor[recorded](), true, ""), schemas.Schema(reflect.TypeFor[recordedRows](), true, "")
	a.rows = newRowReader(schemas)
	row := a.rows.row
	huma.Register(operations, huma.Operation{
		OperationID: "recordInteractions",
		Method:      http.MethodPost,
		Path:        "/interactions",
		Security:    needs(caller.Write),
		Tags:        []string{tagInteractions},
		Summary:     "Record what users did",

		SkipValidateBody: true, // a.rows names the place in the list
		Description: "One interaction, or a list of up to 1000 of which each is answered on its own. Answered when it is on disk: the next feed, of any process, reflects it. " +
			"A list with an interaction that is no interaction at all is refused as a whole.",
		Responses: map[string]*huma.Response{
			"200": {Description: "What became of it, or of each.", Content: map[string]*huma.MediaType{
				"application/json": {Schema: &huma.Schema{OneOf: []*huma.Schema{one, many}}},
			}},
			"400": problemResponse(schemas, "The body is missing, or not JSON.", problemOf(http.StatusBadRequest, notJSON)),
			"401": unauthorizedResponse(schemas),
			"403": problemResponse(schemas, "The user was forgotten, or the key has another scope.", problemOf(http.StatusForbidden, "the user was forgotten")),
			"404": problemResponse(schemas, "There is no such post.", problemOf(http.StatusNotFound, "there is no post 404")),
			"409": problemResponse(schemas, "The idempotency key was used for another interaction, or `at` is more than five minutes ahead of the server's clock.", problemOf(http.StatusConflict, "idempotency key: was used for another interaction")),
			"413": problemResponse(schemas, "The body is too large.", problemOf(http.StatusRequestEntityTooLarge, "a body may have at most 1048576 bytes")),
			"415": problemResponse(schemas, "The body is not application/json.", problemOf(http.StatusUnsupportedMediaType, "the body must be application/json")),
			"422": problemResponse(schemas, "The interaction is wrong; `errors` or `detail` names the field.", problemOf(http.StatusUnprocessableEntity, "value: a rating needs one, 1..100")),
			"500": internalResponse(schemas),
			"503": unavailableResponse(schemas),
		},
	}, a.record)
	body := operations.OpenAPI().Paths["/interactions"].Post.RequestBody // huma would call it a file
	body.Description = "One interaction, or a list of them."
	body.Content["application/json"].Schema = &huma.Schema{OneOf: append(variants(schemas), &huma.Schema{
		Type: huma.TypeArray, Items: row, MaxItems: &most, Title: "A list", Examples: []any{[]any{map[string]any{"username": "ada", "post_id": 1042, "kind": "like"}}},
	})}
	huma.Register(operations, huma.Operation{
		OperationID: "removeInteractions",
		Method:      http.MethodDelete,
		Path:        "/interactions",
		Security:    needs(caller.Write),
		Tags:        []string{tagInteractions},
		Summary:     "Take back what a user did with a post",
		Description: "For example a like. It stays taken back whoever sends those interactions again; later ones count. Removing what was never recorded removes nothing, and is no error.",
		Responses: map[string]*huma.Response{
			"200": jsonResponse[removed](schemas, "How many there were."),
			"401": unauthorizedResponse(schemas),
			"403": problemResponse(schemas, "The user was forgotten, or the key has another scope.", problemOf(http.StatusForbidden, "the user was forgotten")),
			"404": problemResponse(schemas, "There is no such post.", problemOf(http.StatusNotFound, "there is no post 404")),
			"409": problemResponse(schemas, "`at` is more than five minutes ahead of the server's clock.", problemOf(http.StatusConflict, "at: is more than 5 minutes ahead of the server's 2026-01-02T03:04:05Z")),
			"422": problemResponse(schemas, "A parameter is missing or wrong.", problemOf(http.StatusUnprocessableEntity, "validation failed")),
			"500": internalResponse(schemas),
			"503": unavailableResponse(schemas),
		},
	}, a.remove)
}

func (a *api) record(ctx context.Context, body *recordBody) (*jsonBody[any], error) {
	rows, isList, wrong := a.rows.read(body.RawBody)
	if wrong != nil {
		return nil, wrong
	}
	drafts := make([]interaction.Draft, len(rows))
	for n := range rows {
		drafts[n] = rows[n].draft()
	}
	outcomes, err := a.Recorder.Record(ctx, caller.Of(ctx), drafts)
	switch {
	case err != nil:
		return nil, a.problem(ctx, err)
	case isList:
		return answer[any](rowsOf(outcomes)), nil
	case outcomes[0].Err != nil:
		return nil, a.problem(ctx, outcomes[0].Err)
	}
	web.Annotate(ctx, "username", rows[0].Username)
	return answer[any](recorded{statusOfOutcome(outcomes[0]), asStored(&outcomes[0].Interaction)}), nil
}

func rowsOf(outcomes []interaction.Outcome) recordedRows {
	answer := recordedRows{Results: make([]recordedRow, len(outcomes))}
	for n, o := range outcomes {
		row := recordedRow{Index: n, Status: statusOfOutcome(o)}
		switch {
		case o.Err != nil:
			row.Code, row.Message = refusal(o.Err)
			answer.Rejected++
		case o.Duplicate:
			answer.Duplicates++
		default:
			answer.Accepted++
		}
		if o.Err == nil {
			stored := asStored(&o.Interaction)
			row.Interaction = &stored
		}
		answer.Results[n] = row
	}
	return answer
}

func statusOfOutcome(o interaction.Outcome) string {
	switch {
	case o.Err != nil:
		return "rejected"
	case o.Duplicate:
		return "duplicate"
	}
	return "accepted"
}

func asStored(i *interaction.Interaction) oldInteraction {
	stored := oldInteraction{Username: i.Username, PostID: i.PostID, Kind: i.Kind.String(), At: i.At}
	if i.Value != interaction.NoValue {
		stored.Value = &i.Value
	}
	if i.Key != "" {
		stored.IdempotencyKey = &i.Key
	}
	return stored
}

// rowReader reads interactions that a client sends.
type rowReader struct {
	schemas huma.Registry
	row     *huma.Schema
}

func newRowReader(schemas huma.Registry) rowReader {
	return rowReader{schemas, schemas.Schema(reflect.TypeFor[newInteraction](), true, "")}
}

// read returns the interactions of a body, and whether it is a list. What is wrong is a problem
// that names the place.
func (r rowReader) read(body []byte) (rows []newInteraction, isList bool, wrong error) {
	var value any
	if !utf8.Valid(body) { // encoding/json would make one name of all that differ there only
		return nil, false, problemOf(http.StatusBadRequest, "the body is not UTF-8")
	}
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, false, problemOf(http.StatusBadRequest, notJSON)
	}
	result, path := new(huma.ValidateResult), huma.NewPathBuffer(nil, 0)
	path.Push("body")
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	if len(list) > maxRows {
		return nil, isList, problemOf(http.StatusUnprocessableEntity, fmt.Sprintf("the list has %d interactions, more than %d", len(list), maxRows))
	}
	for n, row := range list {
		if isList {
			path.PushIndex(n)
		}
		huma.Validate(r.schemas, r.row, path, huma.ModeWriteToServer, row, result)
		if isList {
			path.Pop()
		}
	}
	if len(result.Errors) > 0 {
		return nil, isList, wrongBody(result.Errors)
	}
	rows = make([]newInteraction, len(list))
	into := any(&rows)
	if !isList {
		into = &rows[0]
	}
	if json.Unmarshal(body, into) == nil {
		return rows, isList, nil
	}
	plain, err := json.Marshal(value) // where 7.0, an integer by the schema, is 7
	if err == nil {
		err = json.Unmarshal(plain, into)
	}
	if err != nil {
		return nil, isList, problemOf(http.StatusUnprocessableEntity, "the body holds a number or a time that cannot be read")
	}
	return rows, isList, nil
}

// maxWrong is how many places of a body are named as wrong.
const maxWrong = 20

// wrongBody names what is wrong with a body, and sends back numbers and short texts at most: with each
// of the places an answer would grow by the whole object that it is in.
func wrongBody(places []error) error {
	problem := problemOf(http.StatusUnprocessableEntity, "validation failed")
	if len(places) > maxWrong {
		problem.Detail = fmt.Sprintf("validation failed in %d places, of which these are the first %d", len(places), maxWrong)
		places = places[:maxWrong]
	}
	for _, place := range places {
		detail, ok := errors.AsType[*huma.ErrorDetail](place)
		if ok && !isShort(detail.Value) {
			place = &huma.ErrorDetail{Message: detail.Message, Location: detail.Location}
		}
		problem.Add(place)
	}
	return problem
}

func isShort(value any) bool {
	switch v := value.(type) {
	case string:
		return len(v) <= 100
	case bool, float64:
		return true
	}
	return false
}

// removalQuery is what DELETE /interactions is asked.
type removalQuery struct {
	Username string    `query:"username" required:"true" minLength:"1" maxLength:"255" example:"ada" doc:"Whose interactions."`
	PostID   int64     `query:"post_id" required:"true" minimum:"1" maximum:"2147483647" example:"1042" doc:"With which post."`
	Kind     string    `query:"kind" required:"true" enum:"view,like,inspire,rating,share,bookmark,follow,skip,hide,impression" example:"like" doc:"Of which kind. A follow is taken back from the post's author, through whichever post it was made."`
	At       time.Time `query:"at" example:"2026-01-02T03:04:05Z" doc:"Only what was done at this time or before. Left out: all there is."`
}

// Resolve refuses an empty time, which would take back all there is, and a parameter given twice.
func (q *removalQuery) Resolve(ctx huma.Context) (wrong []error) {
	asked := ctx.URL()
	values := asked.Query()
	for _, name := range []string{"username", "post_id", "kind", "at"} {
		switch given := values[name]; {
		case len(given) > 1:
			wrong = append(wrong, wrongQuery(name, "given more than once", given[1]))
		case name == "at" && len(given) == 1 && given[0] == "":
			wrong = append(wrong, wrongQuery(name, "must not be empty", ""))
		}
	}
	return wrong
}

// removed is the answer of DELETE /interactions.
type removed struct {
	Interactions int `json:"removed_interactions" minimum:"0" example:"1" doc:"How many were taken back."`
}

func (a *api) remove(ctx context.Context, query *removalQuery) (*jsonBody[removed], error) {
	web.Annotate(ctx, "username", query.Username)
	kind, err := interaction.ParseKind(query.Kind)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	n, err := a.Recorder.Withdraw(ctx, caller.Of(ctx), interaction.Removal{Username: query.Username, PostID: query.PostID, Kind: kind, At: query.At})
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	return answer(removed{n}), nil
}

// refusal returns the code and the words of a row's error, as GraphQL has them.
func refusal(err error) (code, message string) {
	for _, kind := range []struct {
		err  error
		code string
	}{{errs.Invalid, "BAD_USER_INPUT"}, {errs.NotFound, "NOT_FOUND"}, {errs.Forbidden, "FORBIDDEN"}, {errs.Conflict, "CONFLICT"}} {
		if detail, ok := errs.Detail(err, kind.err); ok {
			return kind.code, detail
		}
	}
	return "BAD_USER_INPUT", err.Error()
}
