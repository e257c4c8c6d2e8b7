package graph_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"resonance/graph"
	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/cursor"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/rank"
	"resonance/internal/recommend"
	"resonance/internal/replica"
	"resonance/internal/store"
)

// world is a small catalogue that behaves like the engine and the store: it refuses wrong
// requests, filters by project and leaves out what is not public.
type world struct {
	posts  []*catalog.Post
	users  []catalog.User
	acts   []interaction.Draft // recorded
	mu     sync.Mutex          // of asked and window
	asked  recommend.Request   // the last
	window time.Duration       // of the last Trending
	calls  atomic.Int32
	fail   error         // what every call fails with, if not nil
	panic  any           // what every call panics with, if not nil
	takes  time.Duration // how long reading topics takes
}

func (w *world) services() graph.Services {
	return graph.Services{Cursors: cursor.NewSigner("the key of a test"), Feeds: w, Lists: w, Catalog: w, Users: w, Recorder: w, Editor: w}
}

// note remembers a question: root fields are resolved at the same time.
func (w *world) note(question func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	question()
}

func (w *world) call() error {
	w.calls.Add(1)
	if w.panic != nil {
		panic(w.panic)
	}
	return w.fail
}

func (w *world) Feed(_ context.Context, request recommend.Request) (recommend.Feed, error) {
	if err := w.call(); err != nil {
		return recommend.Feed{}, err
	}
	if err := request.Check(); err != nil {
		return recommend.Feed{}, err
	}
	w.note(func() { w.asked = request })
	feed := recommend.Feed{Items: []recommend.Item{}}
	for i, post := range w.posts {
		inProject := request.Project == "" || post.Project() == strings.ToLower(request.Project)
		if !post.Public || !inProject || slices.Contains(request.Served, post.ID) || slices.Contains(request.Filter.ExcludedPosts, post.ID) {
			continue
		}
		if feed.More = len(feed.Items) == request.TopK; feed.More {
			break
		}
		feed.Items = append(feed.Items, w.item(i, post, request.Plain))
	}
	return feed, nil
}

// item returns a post of a feed with a reason of each shape.
func (w *world) item(i int, post *catalog.Post, plain bool) recommend.Item {
	item := recommend.Item{Post: post, Viewer: recommend.Viewer{Upvoted: i == 0, Bookmarked: i == 1, Following: true}}
	if plain {
		return item
	}
	item.Parts = []rank.Part{{Name: "taste", Value: .75 / float64(i+1)}, {Name: "engagement", Value: -.25}}
	item.Score = item.Parts[0].Value + item.Parts[1].Value
	liked := recommend.Reason{Kind: recommend.BecauseLiked, PostID: 2, Post: w.posts[1], Viewer: recommend.Viewer{Upvoted: true}, Weight: .5}
	item.Reasons = []recommend.Reason{liked, {Kind: recommend.FromAuthor, Author: post.Owner.Username, Weight: .25}, {Kind: recommend.SeenBefore}}
	if post.Category != nil {
		item.Reasons[2] = recommend.Reason{Kind: recommend.JustIn, Category: post.Category.Name, Weight: .125}
	}
	return item
}

func (w *world) Posts(_ context.Context, within catalog.Projects, ids []int64) (posts []*catalog.Post, err error) {
	if err := w.call(); err != nil {
		return nil, err
	}
	for _, id := range ids {
		for _, post := range w.posts {
			if post.ID == id && post.Public && within.Hold(post.Project()) {
				posts = append(posts, post)
			}
		}
	}
	return posts, nil
}

func (w *world) Categories(_ context.Context, within catalog.Projects) (categories []catalog.Category, err error) {
	if err := w.call(); err != nil {
		return nil, err
	}
	for _, post := range w.posts {
		if post.Category != nil && within.Hold(post.Project()) {
			categories = append(categories, *post.Category)
		}
	}
	return categories, nil
}

func (w *world) Topics(ctx context.Context, within catalog.Projects) (topics []catalog.Topic, err error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(w.takes):
	}
	if err := w.call(); err != nil {
		return nil, err
	}
	for _, post := range w.posts {
		if post.Topic != nil && within.Hold(post.Project()) {
			topics = append(topics, *post.Topic)
		}
	}
	return topics, nil
}

// Viewers knows of users what they recorded.
func (w *world) Viewers(_ context.Context, _ catalog.Projects, of []recommend.Viewing) (map[recommend.Viewing]recommend.Viewer, error) {
	if err := w.call(); err != nil {
		return nil, err
	}
	viewers := map[recommend.Viewing]recommend.Viewer{}
	for _, act := range w.acts {
		v := recommend.Viewing{Username: act.Username, PostID: act.PostID}
		if slices.Contains(of, v) {
			viewer := viewers[v]
			viewer.Upvoted = viewer.Upvoted || act.Kind == interaction.Like
			viewer.Bookmarked = viewer.Bookmarked || act.Kind == interaction.Bookmark
			viewers[v] = viewer
		}
	}
	return viewers, nil
}

func (w *world) UsersNamed(_ context.Context, usernames []string) (map[string]catalog.User, error) {
	if err := w.call(); err != nil {
		return nil, err
	}
	named := map[string]catalog.User{}
	for _, user := range w.users {
		if slices.Contains(usernames, user.Username) {
			named[user.Username] = user
		}
	}
	return named, nil
}

func (w *world) Projects(_ context.Context, within catalog.Projects) (projects []replica.Project, err error) {
	if err := w.call(); err != nil {
		return nil, err
	}
	for _, code := range []string{"garden", "night"} {
		if within.Hold(code) {
			projects = append(projects, replica.Project{Code: code, Posts: 1})
		}
	}
	return projects, nil
}

func (w *world) Owners(_ context.Context, within catalog.Projects, usernames []string) (map[string]catalog.Owner, error) {
	if err := w.call(); err != nil {
		return nil, err
	}
	owners := map[string]catalog.Owner{}
	for _, post := range w.posts {
		if post.Owner.Username != "" && slices.Contains(usernames, post.Owner.Username) && within.Hold(post.Project()) {
			owners[post.Owner.Username] = post.Owner
		}
	}
	return owners, nil
}

func (w *world) History(_ context.Context, username string, within catalog.Projects, n int) (acts []interaction.Interaction, err error) {
	if err := w.call(); err != nil {
		return nil, err
	}
	for _, post := range w.posts {
		if username == "ann" && within.Hold(post.Project()) && len(acts) < n {
			acts = append(acts, interaction.Interaction{Username: username, PostID: post.ID, Kind: interaction.View, Value: 50, At: time.UnixMilli(0)})
		}
	}
	return acts, nil
}

func (w *world) Interests(_ context.Context, username string, within catalog.Projects, n int) ([]recommend.Interest, error) {
	if err := w.call(); err != nil || username != "ann" || !within.Hold("garden") {
		return nil, err
	}
	all := []recommend.Interest{{Kind: recommend.CategoryInterest, Name: "Bloom Scroll", Share: .75}, {Kind: recommend.TagInterest, Name: "a", Share: .5}}
	return all[:min(n, 2)], nil
}

func (w *world) Similar(ctx context.Context, request recommend.SimilarRequest) (recommend.Feed, error) {
	if post := w.post(request.PostID); w.fail == nil && w.panic == nil && (post == nil || !request.Within.Hold(post.Project())) {
		return recommend.Feed{}, fmt.Errorf("find similar posts: %w: there is no post %d", errs.NotFound, request.PostID)
	}
	return w.about(ctx, request.About, []int64{request.PostID})
}

func (w *world) Trending(ctx context.Context, request recommend.TrendingRequest) (recommend.Feed, error) {
	w.note(func() { w.window = request.Window })
	return w.about(ctx, request.About, nil)
}

func (w *world) Search(ctx context.Context, request recommend.SearchRequest) (recommend.Feed, error) {
	if err := request.Check(); err != nil {
		return recommend.Feed{}, err
	}
	return w.about(ctx, request.About, request.Served)
}

// about answers lists as it answers feeds.
func (w *world) about(ctx context.Context, a recommend.About, without []int64) (recommend.Feed, error) {
	username := a.Username
	if username == "" {
		username = "nobody"
	}
	return w.Feed(ctx, recommend.Request{Username: username, Project: a.Project, TopK: a.TopK, Served: without})
}

func (w *world) post(id int64) *catalog.Post {
	for _, post := range w.posts {
		if post.ID == id {
			return post
		}
	}
	return nil
}

// Record knows keys and posts; mallory was forgotten.
func (w *world) Record(_ context.Context, who caller.Caller, drafts []interaction.Draft) ([]interaction.Outcome, error) {
	if err := w.call(); err != nil {
		return nil, err
	}
	outcomes := make([]interaction.Outcome, len(drafts))
	for n, d := range drafts {
		i, err := d.Interaction(time.UnixMilli(1_700_000_000_000))
		same := slices.ContainsFunc(w.acts, func(old interaction.Draft) bool { return d.Key != "" && old.Key == d.Key })
		post := w.post(d.PostID)
		switch {
		case err != nil:
		case d.Username == "mallory":
			err = fmt.Errorf("%w: the user was forgotten", errs.Forbidden)
		case d.Key == "spent":
			err = fmt.Errorf("%w: idempotency key: was used for another interaction", errs.Conflict)
		case post == nil || !who.MayUse(post.Project()):
			err = fmt.Errorf("%w: there is no post %d", errs.NotFound, d.PostID)
		default:
			w.acts = append(w.acts, d)
		}
		outcomes[n] = interaction.Outcome{Interaction: i, Duplicate: same, Err: err}
	}
	return outcomes, nil
}

func (w *world) Withdraw(_ context.Context, _ caller.Caller, r interaction.Removal) (removed int, err error) {
	if err := w.call(); err != nil {
		return 0, err
	}
	if err := r.Check(time.UnixMilli(1_700_000_000_000)); err != nil {
		return 0, err
	}
	before := len(w.acts)
	w.acts = slices.DeleteFunc(w.acts, func(d interaction.Draft) bool {
		return d.Username == r.Username && d.PostID == r.PostID && d.Kind == r.Kind
	})
	return before - len(w.acts), nil
}

func (w *world) Forget(_ context.Context, username string) (deleted int64, err error) {
	if err := w.call(); err != nil {
		return 0, err
	}
	if username != "ann" {
		return 0, fmt.Errorf("forget user %q: %w", username, errs.NotFound)
	}
	return 3, nil
}

func (w *world) UpsertPosts(_ context.Context, who caller.Caller, edits []store.PostEdit) (edited store.PostsEdited, err error) {
	if err := w.call(); err != nil {
		return edited, err
	}
	for _, edit := range edits {
		post := w.post(edit.ID)
		switch {
		case post != nil:
			edited.Updated++
		case !who.Admin:
			return edited, fmt.Errorf("%w: post %d was deleted; an admin may undo that", errs.Forbidden, edit.ID)
		default:
			post = &catalog.Post{ID: edit.ID, Public: true}
			w.posts = append(w.posts, post)
			edited.Created++
		}
		if err := edit.Apply(post); err != nil {
			return edited, err
		}
	}
	return edited, nil
}

func (w *world) DeletePosts(_ context.Context, _ caller.Caller, ids []int64) (deleted, missing []int64, err error) {
	if err := w.call(); err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		if w.post(id) == nil {
			missing = append(missing, id)
			continue
		}
		deleted = append(deleted, id)
		w.posts = slices.DeleteFunc(w.posts, func(p *catalog.Post) bool { return p.ID == id })
	}
	return deleted, missing, nil
}

// newWorld holds a post with a value in every field, posts with as little as there can be, and one
// that is not public.
func newWorld() *world {
	w := &world{users: []catalog.User{{ID: 7, Username: "ann", FirstName: "Ann", PictureURL: "https://pic.test/ann.jpg"}}}
	w.posts = append(w.posts, fullPost(), topicPost(2, 0, "Late Night"))
	for id := int64(3); id <= 120; id++ {
		w.posts = append(w.posts, &catalog.Post{ID: id, Title: fmt.Sprint("Post ", id), CreatedAt: time.UnixMilli(0), Public: true})
	}
	w.posts = append(w.posts, &catalog.Post{ID: 121, Public: false})
	return w
}

func fullPost() *catalog.Post {
	creator, language := "creator", "en"
	return &catalog.Post{
		ID: 1, Title: "Say \"hi\"\n", Description: "never shown", Genre: "never/shown", Keywords: []string{"hidden"},
		Tags: []string{"a", "b"}, CreatedAt: time.UnixMilli(1735689600123),
		Owner: catalog.Owner{FirstName: "Bo", LastName: "Lee", Username: "bo", PictureURL: "https://pic.test/bo.jpg",
			UserType: &creator, HasEVMWallet: true, HasSolanaWallet: true},
		Category: &catalog.Category{Name: "Bloom Scroll", Count: 12, Description: "Plants", ImageURL: "https://pic.test/c.png"},
		Topic: &catalog.Topic{ID: 5, Name: "Roses", Description: "Red", ImageURL: "https://pic.test/t.png", Slug: "roses", Public: true,
			ProjectCode: "Garden", PostsCount: 3, Language: &language, CreatedAt: "2024-02-29 12:30:00",
			Owner: catalog.TopicOwner{FirstName: "Cy", LastName: "Ng", Name: "Cy Ng", Username: "cy", ProfileURL: "https://pic.test/cy.jpg",
				UserType: &creator, HasEVMWallet: true, HasSolanaWallet: true}},
		Public: true, Locked: true, Slug: "say-hi", Identifier: "abc1234",
		CommentCount: 1, UpvoteCount: 2, ViewCount: 1 << 40, ExitCount: 4, RatingCount: 5, AverageRating: -6, ShareCount: 7, BookmarkCount: 8,
		VideoLink: "https://video.test/1.mp4", ThumbnailURL: "https://pic.test/1.jpg", GIFThumbnailURL: "https://pic.test/1.gif",
		ContractAddress: "0x1", ChainID: "solana", ChartURL: "https://chart.test/1",
		BaseToken: catalog.BaseToken{Address: "0x2", Name: "Bloom", Symbol: "BLM", ImageURL: "https://pic.test/b.png"},
	}
}

func topicPost(id, topicID int64, topic string) *catalog.Post {
	return &catalog.Post{ID: id, CreatedAt: time.UnixMilli(-1), Public: true,
		Topic: &catalog.Topic{ID: topicID, Name: topic, ProjectCode: "night", CreatedAt: "soon"}}
}
