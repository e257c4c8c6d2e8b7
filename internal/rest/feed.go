package rest

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/recommend"
	"resonance/internal/web"
)

// feedQuery is what GET /feed is asked.
type feedQuery struct {
	Username    string `query:"username" required:"true" minLength:"1" example:"ada" doc:"Who the feed is for. A name that is not known yet gets what is popular and new."`
	ProjectCode string `query:"project_code" example:"vible" doc:"Only posts of this project, case ignored. Left out or empty: posts of every project, or of the one that the key is bound to; a key bound to several must name one. An unknown project has no posts."`
	TopK        int    `query:"top_k" default:"10" minimum:"1" maximum:"100" example:"10" doc:"How many posts at most."`
	Cursor      string `query:"cursor" pattern:"^[A-Za-z0-9_-]*$" doc:"Pages the feed. Give it empty for the first page: its header Link, rel=next, is the next one, ranked afresh without what was served so far; there is none behind the last page. 1000 posts deep."`

	paged bool // cursor was given
}

// feedAnswer writes its own body.
type feedAnswer struct {
	Body func(huma.Context)
}

func (a *api) addFeed(operations huma.API) {
	schemas := operations.OpenAPI().Components.Schemas
	huma.Register(operations, huma.Operation{
		OperationID: "getFeed",
		Method:      http.MethodGet,
		Path:        "/feed",
		Tags:        []string{tagFeed},
		Summary:     "The feed of one user, best post first",
		Description: "Posts that the user has not met yet, ranked by the user's own history, what others did and what the posts are about. " +
			"The answer follows every interaction at once. Only when nothing new is left do posts come back, those seen longest ago first.",
		Responses: map[string]*huma.Response{
			"200": pagedResponse(schemas, "The posts, best first. None is an empty list."),
			"401": unauthorizedResponse(schemas),
			"403": forbiddenResponse(schemas),
			"404": noPageResponse(schemas),
			"422": problemResponse(schemas, "A parameter is missing or wrong; `errors` names it.", wrongTopK()),
			"500": internalResponse(schemas),
			"503": unavailableResponse(schemas),
		},
	}, a.feed)
}

func (a *api) feed(ctx context.Context, query *feedQuery) (*feedAnswer, error) {
	web.Annotate(ctx, "username", query.Username)
	project, err := caller.Of(ctx).Project("project_code", query.ProjectCode)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	request := recommend.Request{Username: query.Username, Project: project, TopK: query.TopK, Bound: caller.Of(ctx).Projects, Plain: true}
	list := a.Cursors.List(caller.Of(ctx).KeyID, request)
	if request.Served, err = goOn(list, query.Cursor); err != nil {
		return nil, a.problem(ctx, err)
	}
	made, err := a.Feeds.Feed(ctx, request)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	reach := caller.Of(ctx).Reach()
	return &feedAnswer{Body: func(ctx huma.Context) {
		if query.paged {
			linkNext(ctx, list, request.Served, made)
		}
		a.writeFeed(ctx, made, reach)
	}}, nil
}

func (a *api) writeFeed(ctx huma.Context, made recommend.Feed, reach catalog.Projects) {
	buffer := a.buffers.get()
	defer a.buffers.put(buffer)
	*buffer = appendFeed(*buffer, made, reach)
	ctx.SetHeader("Content-Type", "application/json")
	ctx.SetHeader("Content-Length", strconv.Itoa(len(*buffer)))
	ctx.SetHeader("Cache-Control", "no-store") // the next interaction makes it another feed
	web.WriteWhole(ctx.Context(), ctx.BodyWriter(), *buffer)
}

// buffers lends byte slices, so that an answer needs no memory of its own.
type buffers struct{ pool sync.Pool }

func (b *buffers) get() *[]byte {
	if buffer, ok := b.pool.Get().(*[]byte); ok {
		return buffer
	}
	return new([]byte)
}

func (b *buffers) put(buffer *[]byte) {
	*buffer = (*buffer)[:0]
	b.pool.Put(buffer)
}

var feedParameters = []string{"username", "project_code", "top_k", "cursor"}

// Resolve refuses what huma's reading of a query lets pass: a parameter without a value, for
// which huma takes the default or even "true", one given twice, and broken percent-encoding.
func (q *feedQuery) Resolve(ctx huma.Context) (wrong []error) {
	seen := map[string]bool{}
	asked := ctx.URL()
	for pair := range strings.SplitSeq(asked.RawQuery, "&") {
		escapedName, escaped, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(escapedName)
		if err != nil || !slices.Contains(feedParameters, name) {
			continue
		}
		value, err := url.QueryUnescape(escaped)
		switch {
		case seen[name]:
			wrong = append(wrong, wrongQuery(name, "given more than once", value))
		case err != nil:
			wrong = append(wrong, wrongQuery(name, "broken percent-encoding", escaped))
		case name == "cursor":
			q.paged = true
		case value == "" && name == "project_code":
			q.ProjectCode = ""
		case value == "" && (name == "username" && q.Username != "" || name == "top_k" && q.TopK != 0): // else huma has refused it
			wrong = append(wrong, wrongQuery(name, "must not be empty", value))
		}
		seen[name] = true
	}
	return wrong
}

func wrongQuery(name, message, value string) error {
	return &huma.ErrorDetail{Message: message, Location: "query." + name, Value: value}
}
