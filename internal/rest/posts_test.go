package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/recommend"
)

// shelf answers lists from the posts of a feeder, as the engine would: within projects, and without
// what was served.
type shelf struct{ *feeder }

func (s shelf) about(a recommend.About, served []int64) (feed recommend.Feed, err error) {
	if err := a.Check(); err != nil {
		return feed, err
	}
	for _, item := range s.feed.Items {
		if slices.Contains(served, item.Post.ID) || a.Project != "" && item.Post.Project() != catalog.FoldProject(a.Project) {
			continue
		}
		if feed.More = len(feed.Items) == a.TopK; feed.More {
			break
		}
		feed.Items = append(feed.Items, item)
	}
	return feed, s.err
}

func (s shelf) Similar(_ context.Context, r recommend.SimilarRequest) (recommend.Feed, error) {
	if posts, _ := s.Posts(context.Background(), r.Within, []int64{r.PostID}); len(posts) == 0 {
		return recommend.Feed{}, fmt.Errorf("find similar posts: %w: there is no post %d", errs.NotFound, r.PostID)
	}
	return s.about(r.About, []int64{r.PostID})
}

func (s shelf) Trending(_ context.Context, r recommend.TrendingRequest) (recommend.Feed, error) {
	s.asked.Username = r.Window.String()
	return s.about(r.About, nil)
}

func (s shelf) Search(_ context.Context, r recommend.SearchRequest) (recommend.Feed, error) {
	if err := r.Check(); err != nil {
		return recommend.Feed{}, err
	}
	return s.about(r.About, r.Served)
}

func (s shelf) Interests(context.Context, string, catalog.Projects, int) ([]recommend.Interest, error) {
	return []recommend.Interest{{Kind: recommend.TagInterest, Name: "sea", Share: .5}}, s.err
}

func (s shelf) Posts(_ context.Context, within catalog.Projects, ids []int64) (posts []*catalog.Post, err error) {
	for _, item := range s.feed.Items {
		if slices.Contains(ids, item.Post.ID) && within.Hold(item.Post.Project()) {
			posts = append(posts, item.Post)
		}
	}
	return posts, s.err
}

func (s shelf) History(_ context.Context, username string, _ catalog.Projects, _ int) ([]interaction.Interaction, error) {
	return []interaction.Interaction{{Username: username, PostID: 7, Kind: interaction.Like, Value: interaction.NoValue, At: time.Unix(0, 0).UTC()}}, s.err
}

func (s shelf) UsersNamed(_ context.Context, usernames []string) (map[string]catalog.User, error) {
	users := map[string]catalog.User{}
	if slices.Contains(usernames, "ann") {
		users["ann"] = catalog.User{ID: 5, Username: "ann", FirstName: "Ann", LastName: "O"}
	}
	if slices.Contains(usernames, "here") { // and nowhere else
		users["here"] = catalog.User{ID: catalog.LocalUserID + 3, Username: "here"}
	}
	return users, s.err
}

// shelved returns a door to three posts: 1042 and 2147483647 of different projects, 7 of none.
func shelved() door {
	d := newDoor(nil)
	d.feeds.feed.Items = []recommend.Item{fullItem(), bareItem(), plainItem()}
	return d
}

func TestAPost(t *testing.T) {
	d := shelved()
	w := d.get("/posts/1042")
	item := fullItem()
	item.Viewer = recommend.Viewer{}
	body := appendFeed(nil, recommend.Feed{Items: []recommend.Item{item}}, catalog.EveryProject())
	want := strings.TrimSuffix(strings.TrimPrefix(string(body), `{"status":"success","post":[`), "]}")
	if diff := cmp.Diff(want, w.Body.String()); w.Code != 200 || diff != "" {
		t.Errorf("status %d (-want +got):\n%s", w.Code, diff)
	}
	for _, target := range []string{"/posts/404", "/posts/404/similar"} {
		if w := d.get(target); w.Code != http.StatusNotFound || readProblem(t, w).Detail != "there is no post 404" {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	for _, target := range []string{"/posts/0", "/posts/x", "/posts/2147483648", "/posts/7/similar?top_k=0", "/trending?top_k=101", "/trending?window=year", "/trending?window=", "/trending?top_k=", "/posts/7/similar?top_k=", "/search?query=x&top_k=", "/search", "/search?query=", "/search?query=" + strings.Repeat("x", 201)} {
		if w := d.get(target); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

// An integer may be written as JSON Schema lets it be; texts stay as they are.
func TestWholeNumbersAreIntegers(t *testing.T) {
	for target, want := range map[string]int{
		"/posts/1042.0": 200, "/posts/1042.00/similar?top_k=1.0": 200, "/trending?top_k=2.0": 200, "/feed?username=ada&top_k=1.0": 200,
		"/posts/1042.5": 422, "/posts/0.0": 422, "/posts/1042.": 422, "/posts/.0": 422, "/trending?top_k=101.0": 422, "/trending?top_k=1.0&top_k=%zz": 422,
	} {
		if w := shelved().get(target); w.Code != want {
			t.Errorf("%s: %d %s, want %d", target, w.Code, w.Body, want)
		}
	}
	d := shelved()
	if d.get("/feed?username=1.0&top_k=3.0"); d.feeds.asked.Username != "1.0" || d.feeds.asked.TopK != 3 {
		t.Errorf("asked for %+v", d.feeds.asked)
	}
}

func TestListsHaveTheFormOfFeeds(t *testing.T) {
	d := shelved()
	for target, want := range map[string][]int64{
		"/posts/7/similar": {1042, 2147483647}, "/posts/7/similar?top_k=1": {1042}, "/trending": {1042, 7, 2147483647},
		"/trending?project_code=never+shown": {1042, 2147483647}, "/search?query=x&top_k=2": {1042, 7},
	} {
		w := d.get(target)
		var got feed
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Status != "success" {
			t.Fatalf("%s: %d %s: %v", target, w.Code, w.Body, err)
		}
		var ids []int64
		for _, p := range got.Post {
			ids = append(ids, p.ID)
		}
		if !slices.Equal(ids, want) {
			t.Errorf("%s: %v, want %v", target, ids, want)
		}
	}
	for query, want := range map[string]string{"": "168h0m0s", "?window=hour": "1h0m0s", "?window=month": "720h0m0s"} {
		if d.get("/trending" + query); d.feeds.asked.Username != want {
			t.Errorf("/trending%s asks for %s", query, d.feeds.asked.Username)
		}
	}
}

func TestWhatIsUnchangedIsNotSentAgain(t *testing.T) {
	for _, target := range []string{"/posts/1042", "/posts/1042/similar", "/trending"} {
		d := shelved()
		tag := d.get(target).Header().Get("ETag")
		for has, status := range map[string]int{"": 200, `"other"`: 200, tag: 304, `"other", W/` + tag: 304, "*": 304} {
			w := d.get(target, "If-None-Match", has)
			if w.Code != status || w.Header().Get("ETag") != tag || (w.Body.Len() == 0) != (status == 304) {
				t.Errorf("%s with %s: %d %s", target, has, w.Code, w.Body)
			}
		}
		d.feeds.feed.Items[0].Post.UpvoteCount++
		d.feeds.feed.Items[1].Post.UpvoteCount++
		if w := d.get(target, "If-None-Match", tag); w.Code != 200 || w.Header().Get("ETag") == tag {
			t.Errorf("%s after a change: %d", target, w.Code)
		}
	}
}

func TestAPerson(t *testing.T) {
	d := shelved()
	want := `{"id":5,"username":"ann","first_name":"Ann","last_name":"O","name":"Ann O","picture_url":"","interests":[{"kind":"tag","text":"sea","share":0.5}],"history":[{"post_id":7,"kind":"like","value":null,"at":"1970-01-01T00:00:00Z"}]}` + "\n"
	if w := d.get("/users/ann"); w.Code != 200 || w.Body.String() != want {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := d.get("/users/nobody"); w.Code != http.StatusNotFound {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A number that counts everybody is told to those who may count.
func TestALocalPersonsNumber(t *testing.T) {
	for want, projects := range map[bool][]string{true: nil, false: {"vible"}} {
		keys, key := guarded(t, "read", projects...)
		w := keys.get("/users/here", "Authorization", key)
		if w.Code != http.StatusOK || strings.HasPrefix(w.Body.String(), `{"id":1073741827,`) != want || strings.Contains(w.Body.String(), "10737418") != want {
			t.Errorf("bound to %q: %d %s", projects, w.Code, w.Body)
		}
	}
}

// Without paging nothing of an answer changes; with it the header Link leads through all pages.
func TestPages(t *testing.T) {
	d := shelved()
	d.feeds.feed.More = true
	plain := d.get("/feed?username=ada")
	if plain.Header().Get("Link") != "" {
		t.Errorf("nobody asked for %s", plain.Header().Get("Link"))
	}
	paged := d.get("/feed?username=ada&cursor=")
	if paged.Body.String() != plain.Body.String() {
		t.Error("the first page is another feed")
	}
	next := nextPage(t, paged.Header().Get("Link"))
	d.feeds.feed.More = false
	last := d.get(next)
	if last.Code != 200 || last.Header().Get("Link") != "" || !slices.Equal(d.feeds.asked.Served, []int64{7, 1042, 2147483647}) {
		t.Errorf("%s: %d, served %v, link %q", next, last.Code, d.feeds.asked.Served, last.Header().Get("Link"))
	}
	var found []int64
	for target := "/search?query=a+b%26c&top_k=1"; target != ""; {
		w := d.get(target)
		var page feed
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d %s", target, w.Code, w.Body)
		}
		found = append(found, page.Post[0].ID)
		if target = w.Header().Get("Link"); target != "" {
			target = nextPage(t, target)
		}
	}
	if want := []int64{1042, 7, 2147483647}; !slices.Equal(found, want) {
		t.Errorf("pages hold %v, want %v", found, want)
	}
	address, _ := url.Parse(next)
	cursor := address.Query().Get("cursor")
	for _, target := range []string{
		"/feed?username=bob&cursor=" + cursor, "/feed?username=ada&project_code=x&cursor=" + cursor, "/feed?username=ada&cursor=x", "/feed?username=ada&cursor=" + strings.Repeat("A", 9000), "/feed?username=ada&cursor=" + cursor + "A",
		"/search?query=x&cursor=" + cursor,
	} {
		if w := d.get(target); w.Code != http.StatusNotFound || !strings.Contains(readProblem(t, w).Detail, "there is no such page") {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

func nextPage(t *testing.T, link string) string {
	t.Helper()
	next, ok := strings.CutSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
	if !ok || !strings.HasPrefix(next, "/") {
		t.Fatalf("link %q", link)
	}
	return next
}
