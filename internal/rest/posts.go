package rest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/recommend"
	"resonance/internal/web"
)

// Lists makes the lists that are about posts rather than for a user; recommend.Engine does. Errors are
// of the kinds in errs.
type Lists interface {
	Similar(ctx context.Context, request recommend.SimilarRequest) (recommend.Feed, error)
	Trending(ctx context.Context, request recommend.TrendingRequest) (recommend.Feed, error)
	Search(ctx context.Context, request recommend.SearchRequest) (recommend.Feed, error)
	Interests(ctx context.Context, username string, within catalog.Projects, n int) ([]recommend.Interest, error)
}

// Library reads posts and people. What may not be shown, or does not exist, is not in an answer.
type Library interface {
	Posts(ctx context.Context, within catalog.Projects, ids []int64) ([]*catalog.Post, error)
	History(ctx context.Context, username string, within catalog.Projects, n int) ([]interaction.Interaction, error)
	UsersNamed(ctx context.Context, usernames []string) (map[string]catalog.User, error)
}

// PostPath names a post in a path, and what the client has of the answer.
type PostPath struct {
	ID      int64  `path:"id" minimum:"1" maximum:"2147483647" example:"1042" doc:"The post's number."`
	IfMatch string `header:"If-None-Match" doc:"The ETag of an answer that the client has: where it is still right, the answer is 304 without a body."`
}

// AboutQuery is what lists about posts are asked.
type AboutQuery struct {
	ProjectCode string `query:"project_code" example:"vible" doc:"Only posts of this project, as for /feed."`
	Username    string `query:"username" example:"ada" doc:"Who sees the list: what they hid is left out, and upvoted, bookmarked and following are theirs. Left out: nobody in particular."`
	TopK        int    `query:"top_k" default:"10" minimum:"1" maximum:"100" example:"10" doc:"How many posts at most."`
}

// Resolve refuses a parameter without a value, for which huma takes the default.
func (q *AboutQuery) Resolve(ctx huma.Context) (wrong []error) {
	asked := ctx.URL()
	for name, values := range asked.Query() {
		if (name == "top_k" || name == "window") && slices.Contains(values, "") {
			wrong = append(wrong, wrongQuery(name, "must not be empty", ""))
		}
	}
	return wrong
}

func (q *AboutQuery) about(ctx context.Context) (recommend.About, error) {
	project, err := caller.Of(ctx).Project("project_code", q.ProjectCode)
	return recommend.About{Project: project, Username: q.Username, TopK: q.TopK, Bound: caller.Of(ctx).Projects}, err
}

type similarQuery struct {
	PostPath
	AboutQuery
}

type trendingQuery struct {
	AboutQuery
	Window  string `query:"window" default:"week" enum:"hour,day,week,month" example:"day" doc:"How far back the moment reaches, from the newest interaction or post there is."`
	IfMatch string `header:"If-None-Match" doc:"As for /posts/{id}."`
}

var windows = map[string]time.Duration{"hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour, "month": 30 * 24 * time.Hour}

type searchQuery struct {
	AboutQuery
	Query  string `query:"query" required:"true" minLength:"1" maxLength:"200" example:"harbour at dawn" doc:"What to look for. The last word may be unfinished."`
	Cursor string `query:"cursor" pattern:"^[A-Za-z0-9_-]*$" doc:"Which page, as for /feed: the header Link of a page names the next. Left out or empty: the first."`
}

func (a *api) addPosts(operations huma.API) {
	schemas := operations.OpenAPI().Components.Schemas
	noPost := problemResponse(schemas, "There is no such post that may be shown.", problemOf(http.StatusNotFound, "there is no post 404"))
	wrong := problemResponse(schemas, "A parameter is missing or wrong; `errors` names it.", wrongTopK())
	huma.Register(operations, huma.Operation{
		OperationID: "getPost", Method: http.MethodGet, Path: "/posts/{id}", Tags: []string{tagPosts},
		Summary:     "One post",
		Description: "As it is in feeds; upvoted, bookmarked and following are false, for it is made for nobody in particular.",
		Responses: map[string]*huma.Response{
			"200": tagged(jsonResponse[post](schemas, "The post.")), "304": unchangedResponse(), "401": unauthorizedResponse(schemas),
			"404": noPost, "422": wrong, "500": internalResponse(schemas), "503": unavailableResponse(schemas),
		},
	}, a.post)
	huma.Register(operations, huma.Operation{
		OperationID: "getSimilarPosts", Method: http.MethodGet, Path: "/posts/{id}/similar", Tags: []string{tagPosts},
		Summary:     "Posts like another, most alike first",
		Description: "Those that show what it shows, and those that the same people watch.",
		Responses: map[string]*huma.Response{
			"200": tagged(jsonResponse[feed](schemas, "The posts.")), "304": unchangedResponse(), "401": unauthorizedResponse(schemas),
			"403": forbiddenResponse(schemas), "404": noPost, "422": wrong, "500": internalResponse(schemas), "503": unavailableResponse(schemas),
		},
	}, a.similar)
	huma.Register(operations, huma.Operation{
		OperationID: "getTrending", Method: http.MethodGet, Path: "/trending", Tags: []string{tagPosts},
		Summary:     "What most people watch and like at the moment, most first",
		Description: "Posts that nobody met within the window are not among them.",
		Responses: map[string]*huma.Response{
			"200": tagged(jsonResponse[feed](schemas, "The posts.")), "304": unchangedResponse(), "401": unauthorizedResponse(schemas),
			"403": forbiddenResponse(schemas), "422": wrong, "500": internalResponse(schemas), "503": unavailableResponse(schemas),
		},
	}, a.trending)
}

func (a *api) addSearch(operations huma.API) {
	schemas := operations.OpenAPI().Components.Schemas
	huma.Register(operations, huma.Operation{
		OperationID: "searchPosts", Method: http.MethodGet, Path: "/search", Tags: []string{tagPosts},
		Summary:     "The posts that a text describes, best first",
		Description: "By what it means and by its words, blended; in pages, 1000 posts deep.",
		Responses: map[string]*huma.Response{
			"200": pagedResponse(schemas, "The posts."), "401": unauthorizedResponse(schemas), "403": forbiddenResponse(schemas),
			"404": noPageResponse(schemas), "422": problemResponse(schemas, "A parameter is missing or wrong; `errors` names it.", wrongTopK()),
			"500": internalResponse(schemas), "503": unavailableResponse(schemas),
		},
	}, a.search)
}

func (a *api) post(ctx context.Context, path *PostPath) (*feedAnswer, error) {
	reach := caller.Of(ctx).Reach()
	posts, err := a.Library.Posts(ctx, reach, []int64{path.ID})
	if err == nil && len(posts) == 0 {
		err = fmt.Errorf("%w: there is no post %d", errs.NotFound, path.ID)
	}
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	return &feedAnswer{Body: func(ctx huma.Context) {
		w := writer{nil, reach}
		w.post(recommend.Item{Post: posts[0]})
		writeTagged(ctx, path.IfMatch, w.buf)
	}}, nil
}

func (a *api) similar(ctx context.Context, query *similarQuery) (*feedAnswer, error) {
	about, err := query.about(ctx)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	found, err := a.Lists.Similar(ctx, recommend.SimilarRequest{About: about, PostID: query.ID, Within: caller.Of(ctx).Reach()})
	return a.list(ctx, query.IfMatch, found, err)
}

func (a *api) trending(ctx context.Context, query *trendingQuery) (*feedAnswer, error) {
	about, err := query.about(ctx)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	found, err := a.Lists.Trending(ctx, recommend.TrendingRequest{About: about, Window: windows[query.Window]})
	return a.list(ctx, query.IfMatch, found, err)
}

func (a *api) list(ctx context.Context, has string, found recommend.Feed, err error) (*feedAnswer, error) {
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	reach := caller.Of(ctx).Reach()
	return &feedAnswer{Body: func(ctx huma.Context) { writeTagged(ctx, has, appendFeed(nil, found, reach)) }}, nil
}

func (a *api) search(ctx context.Context, query *searchQuery) (*feedAnswer, error) {
	about, err := query.about(ctx)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	request := recommend.SearchRequest{About: about, Query: query.Query}
	list := a.Cursors.List(caller.Of(ctx).KeyID, request)
	if request.Served, err = goOn(list, query.Cursor); err != nil {
		return nil, a.problem(ctx, err)
	}
	found, err := a.Lists.Search(ctx, request)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	reach := caller.Of(ctx).Reach()
	return &feedAnswer{Body: func(ctx huma.Context) {
		linkNext(ctx, list, request.Served, found)
		a.writeFeed(ctx, found, reach)
	}}, nil
}

// writeTagged sends a body under its ETag, or says that the client has it already.
func writeTagged(ctx huma.Context, has string, body []byte) {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	ctx.SetHeader("ETag", tag)
	ctx.SetHeader("Cache-Control", "private, no-cache") // kept, and asked again before each use
	for candidate := range strings.SplitSeq(has, ",") {
		if candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/"); candidate == tag || candidate == "*" {
			ctx.SetStatus(http.StatusNotModified)
			return
		}
	}
	ctx.SetHeader("Content-Type", "application/json")
	ctx.SetHeader("Content-Length", strconv.Itoa(len(body)))
	web.WriteWhole(ctx.Context(), ctx.BodyWriter(), body)
}

// tagged adds the ETag to what is said of an answer.
func tagged(r *huma.Response) *huma.Response {
	r.Headers = map[string]*huma.Param{"ETag": {Description: "Identifies this very answer, for If-None-Match.", Schema: &huma.Schema{Type: huma.TypeString}}}
	return r
}

func unchangedResponse() *huma.Response {
	return &huma.Response{Description: "The answer that the client has is still right.", Content: map[string]*huma.MediaType{}}
}

// person is the answer of GET /users/{username}.
type person struct {
	ID         int64      `json:"id,omitempty" minimum:"1" maximum:"2147483647" example:"7" doc:"The number of the user. From 1073741824 up for one whom upstream does not know yet; it changes when upstream names the user, and a key that is bound to a project is not told it, since it counts the people of all projects."`
	Username   string     `json:"username" example:"ada" doc:"Identifies the user."`
	FirstName  string     `json:"first_name" example:"Ada" doc:"First name, or empty."`
	LastName   string     `json:"last_name" example:"Byron" doc:"Last name, or empty."`
	Name       string     `json:"name" example:"Ada Byron" doc:"First and last name as shown."`
	PictureURL string     `json:"picture_url" example:"https://media.example/ada.jpg" doc:"URL of a portrait, or empty."`
	Interests  []interest `json:"interests" nullable:"false" doc:"What the user likes to watch, strongest first, 10 at most."`
	History    []act      `json:"history" nullable:"false" doc:"What the user did, newest first, 100 at most, with posts that may still be shown."`
}

type interest struct {
	Kind  string  `json:"kind" enum:"category,tag,author" example:"category" doc:"What sort of thing it is."`
	Text  string  `json:"text" example:"Street Photography" doc:"Its name: of the category, the tag, or the author's username."`
	Share float64 `json:"share" minimum:"0" maximum:"1" example:"0.4" doc:"How much of what the user watches is of it."`
}

type act struct {
	PostID int64     `json:"post_id" minimum:"1" maximum:"2147483647" example:"1042" doc:"With which post."`
	Kind   string    `json:"kind" enum:"view,like,inspire,rating,share,bookmark,follow,skip,hide,impression" example:"like" doc:"What was done."`
	Value  *int      `json:"value" minimum:"0" maximum:"100" example:"80" doc:"The rating, or the percent watched; null where that is not known and for other kinds."`
	At     time.Time `json:"at" example:"2026-01-02T03:04:05Z" doc:"When it was done."`
}

// Lengths of the lists in a person.
const (
	mostActs      = 100
	mostInterests = 10
)

func (a *api) person(ctx context.Context, path *userPath) (*jsonBody[person], error) {
	web.Annotate(ctx, "username", path.Username)
	reach := caller.Of(ctx).Reach()
	users, err := a.Library.UsersNamed(ctx, []string{path.Username})
	user, known := users[path.Username]
	if err == nil && !known {
		err = fmt.Errorf("%w: there is no such user", errs.NotFound)
	}
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	acts, err := a.Library.History(ctx, user.Username, reach, mostActs)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	interests, err := a.Lists.Interests(ctx, user.Username, reach, mostInterests)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	if user.ID >= catalog.LocalUserID && caller.Of(ctx).MayEverywhere(caller.Read) != nil {
		user.ID = 0
	}
	return answer(personOf(user, acts, interests)), nil
}

func personOf(u catalog.User, acts []interaction.Interaction, interests []recommend.Interest) person {
	p := person{
		ID: u.ID, Username: u.Username, FirstName: u.FirstName, LastName: u.LastName, PictureURL: u.PictureURL,
		Name: catalog.Owner{FirstName: u.FirstName, LastName: u.LastName}.Name(), Interests: []interest{}, History: []act{},
	}
	for _, i := range interests {
		p.Interests = append(p.Interests, interest{strings.ToLower(string(i.Kind)), i.Name, i.Share})
	}
	for i := range acts {
		stored := asStored(&acts[i])
		p.History = append(p.History, act{stored.PostID, stored.Kind, stored.Value, stored.At})
	}
	return p
}
