package upstream_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/upstream"
	"resonance/internal/upstream/upstreamtest"
)

// Each test below holds one oddity of upstream's answers.

// fetch returns page 1 of endpoint as a client reads it from a fake that serves rows.
func fetch(t *testing.T, endpoint upstream.Endpoint, rows ...string) upstream.Page {
	t.Helper()
	fake := upstreamtest.New(t, nil)
	for _, row := range rows {
		fake.Put(endpoint, json.RawMessage(row))
	}
	page, err := fake.Client(t, zerolog.Nop()).Page(t.Context(), endpoint, 1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// answer returns page 1 of endpoint when upstream answers with body.
func answer(t *testing.T, endpoint upstream.Endpoint, body string) (upstream.Page, error) {
	t.Helper()
	fake := upstreamtest.New(t, nil)
	fake.Next(endpoint, upstreamtest.Body(body), upstreamtest.Body(body), upstreamtest.Body(body))
	return fake.Client(t, zerolog.Nop()).Page(t.Context(), endpoint, 1, 1000)
}

func onePost(t *testing.T, row string) catalog.Post {
	t.Helper()
	page := fetch(t, upstream.Posts, row)
	if len(page.Posts) != 1 {
		t.Fatalf("got %d posts, unreadable: %v", len(page.Posts), page.Unreadable)
	}
	return page.Posts[0]
}

func TestCategoryIsObjectOrEmptyArray(t *testing.T) {
	vible := &catalog.Category{ID: 2, Name: "Vible", Count: 708, Description: "All the best vibes!", ImageURL: "v.png"}
	for name, tt := range map[string]struct {
		category string
		want     *catalog.Category
	}{
		"object":      {`{"id":2,"name":"Vible","count":708,"description":"All the best vibes!","image_url":"v.png"}`, vible},
		"empty array": {`[]`, nil},
		"null":        {`null`, nil},
		"empty name":  {`{"id":2,"name":"","count":1,"description":"","image_url":""}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, onePost(t, `{"id":1,"category":`+tt.category+`}`).Category); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTopicIsObjectOrEmptyArray(t *testing.T) {
	object := `{"id":3,"name":"Dance","description":"d","image_url":"t.png","slug":"dance","is_public":true,"project_code":"flic",
		"posts_count":12,"language":null,"created_at":"2024-01-02 03:04:05","owner":{"first_name":"A","last_name":"B","username":"ab",
		"profile_url":"p.png","user_type":null,"has_evm_wallet":false,"has_solana_wallet":true}}`
	dance := &catalog.Topic{
		ID: 3, Name: "Dance", Description: "d", ImageURL: "t.png", Slug: "dance", Public: true, ProjectCode: "flic", PostsCount: 12, CreatedAt: "2024-01-02 03:04:05",
		Owner: catalog.TopicOwner{FirstName: "A", LastName: "B", Name: "A B", Username: "ab", ProfileURL: "p.png", HasSolanaWallet: true},
	}
	for name, tt := range map[string]struct {
		topic string
		want  *catalog.Topic
	}{
		"object":       {object, dance},
		"empty array":  {`[]`, nil},
		"null":         {`null`, nil},
		"empty object": {`{}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, onePost(t, `{"id":1,"topic":`+tt.topic+`}`).Topic); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestKeysAbsentIn2024(t *testing.T) {
	got := onePost(t, `{"id":11,"title":"old","created_at":1698088807000}`)
	want := catalog.Post{ID: 11, Title: "old", Tags: []string{}, Keywords: []string{}, CreatedAt: time.Date(2023, 10, 23, 19, 20, 7, 0, time.UTC), Public: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNullKeysAreEmptyValues(t *testing.T) {
	got := onePost(t, `{"id":11,"category":null,"topic":null,"title":null,"tags":null,"post_summary":null,"created_at":null,"is_available_in_public_feed":null,
		"username":null,"user_type":null,"has_evm_wallet":null,"view_count":null,"baseToken":null,"video_link":null}`)
	want := catalog.Post{ID: 11, Tags: []string{}, Keywords: []string{}, CreatedAt: time.UnixMilli(0).UTC(), Public: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPostNotInPublicFeed(t *testing.T) {
	if onePost(t, `{"id":1,"is_available_in_public_feed":false}`).Public {
		t.Error("the post is public")
	}
}

func TestCreatedAtIsEpochMilliseconds(t *testing.T) {
	for created, want := range map[string]string{
		"1746501771123": "2025-05-06T03:22:51.123Z",
		"-86400000":     "1969-12-31T00:00:00Z",
	} {
		if got := onePost(t, `{"id":1,"created_at":`+created+`}`).CreatedAt.Format(time.RFC3339Nano); got != want {
			t.Errorf("created_at %s: got %s, want %s", created, got, want)
		}
	}
	if page := fetch(t, upstream.Posts, `{"id":1,"created_at":999999999999999}`); len(page.Unreadable) != 1 {
		t.Error("a time past the year 9999 was taken")
	}
}

func TestInteractionTimesAreUTC(t *testing.T) {
	for endpoint, key := range map[upstream.Endpoint]string{
		upstream.Views: "viewed_at", upstream.Likes: "liked_at", upstream.Inspires: "inspired_at", upstream.Ratings: "rated_at",
	} {
		t.Run(string(endpoint), func(t *testing.T) {
			page := fetch(t, endpoint, fmt.Sprintf(`{"id":18,"post_id":631,"user_id":114,"rating_percent":20,%q:"2024-01-10 07:20:55"}`, key))
			want := []interaction.Interaction{{
				Key: string(endpoint) + ":18", UserID: 114, PostID: 631, Value: interaction.NoValue, At: time.Date(2024, 1, 10, 7, 20, 55, 0, time.UTC),
				Kind: map[upstream.Endpoint]interaction.Kind{
					upstream.Views: interaction.View, upstream.Likes: interaction.Like, upstream.Inspires: interaction.Inspire, upstream.Ratings: interaction.Rating,
				}[endpoint],
			}}
			if endpoint == upstream.Ratings {
				want[0].Value = 20
			}
			if diff := cmp.Diff(want, page.Interactions); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPayloadShapesAreToldApartByPostID(t *testing.T) {
	page := fetch(t, upstream.Views,
		`{"id":7,"post_id":3,"user_id":9,"viewed_at":"2024-01-10 07:20:55"}`,
		`{"id":8,"title":"whole post","username":"author_1","created_at":1698088807000,"post_summary":[]}`,
		`{"id":9,"user_id":9,"viewed_at":"2024-01-10 07:20:55"}`,
		`{"id":10,"post_id":null,"user_id":9,"viewed_at":"2024-01-10 07:20:55"}`)
	if len(page.Interactions) != 1 || page.Interactions[0].Key != "view:7" {
		t.Errorf("interactions: %v", page.Interactions)
	}
	if len(page.Posts) != 1 || page.Posts[0].Title != "whole post" {
		t.Errorf("posts: %v", page.Posts)
	}
	if len(page.Unreadable) != 2 {
		t.Errorf("rows that name neither a post nor are one: %v", page.Unreadable)
	}
}

func TestWithoutAlgorithmInteractionsAreWholePosts(t *testing.T) {
	fake := upstreamtest.New(t, nil)
	fake.Put(upstream.Posts, json.RawMessage(`{"id":3,"title":"seen twice","created_at":1,"post_summary":{"description":"d"}}`))
	fake.Put(upstream.Views,
		json.RawMessage(`{"id":1,"post_id":3,"user_id":1,"viewed_at":"2024-01-10 07:20:55"}`),
		json.RawMessage(`{"id":2,"post_id":3,"user_id":1,"viewed_at":"2024-01-11 07:20:55"}`))
	client := fake.Client(t, zerolog.Nop(), func(cfg *upstream.Config) { cfg.Algorithm = "" })
	page, err := client.Page(t.Context(), upstream.Views, 1, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Interactions) != 0 || len(page.Posts) != 2 || page.Posts[0].Title != "seen twice" || page.Posts[0].Description != "" {
		t.Errorf("got %+v", page)
	}
}

func TestPostSummaryIsObjectOrEmptyArray(t *testing.T) {
	for name, tt := range map[string]struct {
		summary            string
		description, genre string
		keywords           []string
	}{
		"whole": {
			`{"description":"A cat.","genre":"Animals/Comedy","keywords":[{"keyword":"paw","weight":3},{"keyword":"cat","weight":10},{"keyword":"fur","weight":3}],"is_face_exist":false}`,
			"A cat.", "Animals/Comedy",
			[]string{"cat", "paw", "fur"},
		},
		"empty array":   {`[]`, "", "", []string{}},
		"null members":  {`{"description":"A cat.","genre":null,"keywords":null}`, "A cat.", "", []string{}},
		"no keywords":   {`{"description":"A cat.","genre":"","keywords":[]}`, "A cat.", "", []string{}},
		"other types":   {`{"description":["A cat."],"genre":{"main":"x"},"keywords":{"keyword":"cat"}}`, "", "", []string{}},
		"odd keywords":  {`{"keywords":[{"keyword":"a","weight":"2"},{"keyword":" "},{"keyword":null,"weight":3},"cat",{"keyword":"b","weight":{}},{"keyword":"c","weight":5}]}`, "", "", []string{"c", "a"}},
		"not an object": {`"request timeout"`, "", "", []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			p := onePost(t, `{"id":1,"post_summary":`+tt.summary+`}`)
			want := []any{tt.description, tt.genre, tt.keywords}
			if diff := cmp.Diff(want, []any{p.Description, p.Genre, p.Keywords}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTitlesAreKeptAsWritten(t *testing.T) {
	for _, title := range []string{"", "two\nlines #tag \U0001F600", strings.Repeat("long ", 60), ` "quoted" `} {
		raw, err := json.Marshal(map[string]any{"id": 1, "title": title})
		if err != nil {
			t.Fatal(err)
		}
		if got := onePost(t, string(raw)).Title; got != title {
			t.Errorf("got %q, want %q", got, title)
		}
	}
}

func TestCountersOffTheScaleAreBroughtBack(t *testing.T) {
	p := onePost(t, `{"id":1,"average_rating":-85,"rating_count":0,"view_count":-3,"upvote_count":99999999999,"share_count":7}`)
	if p.AverageRating != -85 || p.ViewCount != 0 || p.UpvoteCount != catalog.MaxID || p.ShareCount != 7 {
		t.Errorf("got %+v", p)
	}
	if p = onePost(t, `{"id":1,"average_rating":140.6}`); p.AverageRating != 100 {
		t.Errorf("average_rating: got %d", p.AverageRating)
	}
}

func TestBaseTokenKeyIsCamelCase(t *testing.T) {
	got := onePost(t, `{"id":1,"baseToken":{"address":"a","name":"n","symbol":"s","image_url":"i"}}`).BaseToken
	if diff := cmp.Diff(catalog.BaseToken{Address: "a", Name: "n", Symbol: "s", ImageURL: "i"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAuthorIsFlatAndUserTypeMayBeNull(t *testing.T) {
	creator := "creator"
	for given, want := range map[string]*string{`null`: nil, `"creator"`: &creator} {
		got := onePost(t, `{"id":1,"first_name":"A","last_name":"B","username":"ab","picture_url":"p","user_type":`+given+`,"has_evm_wallet":true}`).Owner
		if diff := cmp.Diff(catalog.Owner{FirstName: "A", LastName: "B", Username: "ab", PictureURL: "p", UserType: want, HasEVMWallet: true}, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestNumbersInQuotes(t *testing.T) {
	page, err := answer(t, upstream.Ratings, `{"status":"success","posts":[{"id":"5","post_id":"6","user_id":"7","rating_percent":"80","rated_at":"2024-01-10 07:20:55"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Interactions) != 1 || page.Interactions[0].Key != "rating:5" || page.Interactions[0].Value != 80 {
		t.Errorf("got %+v", page)
	}
}

func TestUnknownKeysAreIgnored(t *testing.T) {
	got := onePost(t, `{"id":1,"title":"t","source_matrix":[],"brand_new":{"deep":[1,{"x":null}]},"is_viewed":true,"upvoted":true,"created_at":0}`)
	if diff := cmp.Diff(catalog.Post{ID: 1, Title: "t", Tags: []string{}, Keywords: []string{}, CreatedAt: time.UnixMilli(0).UTC(), Public: true}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTags(t *testing.T) {
	if got := onePost(t, `{"id":1,"tags":["socialsites",null,"",2024]}`).Tags; !cmp.Equal(got, []string{"socialsites", "2024"}) {
		t.Errorf("got %q", got)
	}
}

func TestRatingChangedInPlaceKeepsItsKey(t *testing.T) {
	row := `{"id":5,"post_id":6,"user_id":7,"rating_percent":%d,"rated_at":"2024-01-10 07:20:55"}`
	before := fetch(t, upstream.Ratings, fmt.Sprintf(row, 15)).Interactions[0]
	after := fetch(t, upstream.Ratings, fmt.Sprintf(row, 90)).Interactions[0]
	if before.Key != after.Key || !before.At.Equal(after.At) || before.Value != 15 || after.Value != 90 {
		t.Errorf("got %+v and %+v", before, after)
	}
}

func TestRepeatedInspiresAreEventsOfTheirOwn(t *testing.T) {
	row := `{"id":%d,"post_id":588,"user_id":1,"inspired_at":"2023-12-31 09:06:27"}`
	page := fetch(t, upstream.Inspires, fmt.Sprintf(row, 1), fmt.Sprintf(row, 2))
	if len(page.Interactions) != 2 || page.Interactions[0].Key == page.Interactions[1].Key {
		t.Errorf("got %+v", page.Interactions)
	}
}

func TestIDsAreWholeAndInRange(t *testing.T) {
	for name, tt := range map[string]struct {
		endpoint upstream.Endpoint
		row      string
		reason   string
	}{
		"post 0":           {upstream.Posts, `{"id":0}`, "id"},
		"post without id":  {upstream.Posts, `{"title":"x"}`, "id"},
		"post 2^31":        {upstream.Posts, `{"id":2147483648}`, "id"},
		"fractional":       {upstream.Posts, `{"id":1.5}`, "id"},
		"local user id":    {upstream.Users, `{"id":1073741824,"username":"u"}`, "id"},
		"event's user id":  {upstream.Likes, `{"id":1,"post_id":1,"user_id":1073741824,"liked_at":"2024-01-10 07:20:55"}`, "user_id"},
		"event's post id":  {upstream.Likes, `{"id":1,"post_id":-1,"user_id":1,"liked_at":"2024-01-10 07:20:55"}`, "post_id"},
		"event's row id":   {upstream.Likes, `{"id":0,"post_id":1,"user_id":1,"liked_at":"2024-01-10 07:20:55"}`, "id"},
		"rating 0":         {upstream.Ratings, `{"id":1,"post_id":1,"user_id":1,"rating_percent":0,"rated_at":"2024-01-10 07:20:55"}`, "value"},
		"rating 101":       {upstream.Ratings, `{"id":1,"post_id":1,"user_id":1,"rating_percent":101,"rated_at":"2024-01-10 07:20:55"}`, "value"},
		"no time":          {upstream.Likes, `{"id":1,"post_id":1,"user_id":1}`, "liked_at"},
		"nonsense time":    {upstream.Likes, `{"id":1,"post_id":1,"user_id":1,"liked_at":"0000-00-00 00:00:00"}`, "liked_at"},
		"title is object":  {upstream.Posts, `{"id":1,"title":{"en":"x"}}`, "title: the object is not text"},
		"nested":           {upstream.Posts, `{"id":1,"category":{"name":[1]}}`, "category.name: the array is not text"},
		"category is text": {upstream.Posts, `{"id":1,"category":"Vible"}`, "category: the string is not an object or []"},
		"tags is text":     {upstream.Posts, `{"id":1,"tags":"Vible"}`, "tags: the string is not an array"},
		"locked is text":   {upstream.Posts, `{"id":1,"is_locked":"maybe"}`, "is_locked: the string is not a boolean"},
		"count is text":    {upstream.Posts, `{"id":1,"view_count":"many"}`, "view_count: the string is not a number"},
		"row is a number":  {upstream.Posts, `5`, "the number is not an object"},
	} {
		t.Run(name, func(t *testing.T) {
			page := fetch(t, tt.endpoint, tt.row)
			if len(page.Unreadable) != 1 || len(page.Posts)+len(page.Users)+len(page.Interactions) != 0 {
				t.Fatalf("got %+v", page)
			}
			if reason := page.Unreadable[0].Reason; !strings.Contains(reason, tt.reason) {
				t.Errorf("reason %q does not name %q", reason, tt.reason)
			}
		})
	}
}

func TestUnreadableRowDoesNotStopThePage(t *testing.T) {
	page := fetch(t, upstream.Posts, `{"id":1,"title":"a"}`, `{"id":2,"title":["?"]}`, `{"id":3,"title":"c"}`)
	want := []upstream.RowError{{Endpoint: upstream.Posts, ID: 2, Reason: "title: the array is not text"}}
	if diff := cmp.Diff(want, page.Unreadable); diff != "" {
		t.Error(diff)
	}
	if len(page.Posts) != 2 || page.Rows != 3 {
		t.Errorf("got %d posts of %d rows", len(page.Posts), page.Rows)
	}
}
