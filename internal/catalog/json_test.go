package catalog

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/errs"
)

func decodePost(t *testing.T, text string) Post {
	t.Helper()
	var p Post
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return p
}

func TestPostForms(t *testing.T) {
	bare := Post{ID: 1, Tags: []string{}, Keywords: []string{}, Public: true, CreatedAt: time.UnixMilli(0).UTC()}
	with := func(change func(*Post)) Post {
		p := bare
		change(&p)
		return p
	}
	for _, test := range []struct {
		name, text string
		want       Post
	}{
		{"only an id", `{"id": 1}`, bare},
		{"null is absent", `{"id": 1, "title": null, "category": null, "owner": null, "tags": null, "created_at": null, "topic": null, "is_locked": null}`, bare},
		{"unknown keys", `{"id": 1, "upvoted": true, "post_summary": {"x": [1, "2"]}}`, bare},
		{"category by name", `{"id": 1, "category": "Vible"}`, with(func(p *Post) { p.Category = &Category{Name: "Vible"} })},
		{"category as object", `{"id": 1, "category": {"id": 2, "name": "Vible", "count": 3, "description": "d", "image_url": "i"}}`,
			with(func(p *Post) { p.Category = &Category{ID: 2, Name: "Vible", Count: 3, Description: "d", ImageURL: "i"} })},
		{"category without a name is none", `{"id": 1, "category": {"id": 2}}`, bare},
		{"empty category name", `{"id": 1, "category": ""}`, bare},
		{"author", `{"id": 1, "author": "ada"}`, with(func(p *Post) { p.Owner.Username = "ada" })},
		{"owner", `{"id": 1, "owner": {"username": "ada", "first_name": "A"}}`, with(func(p *Post) { p.Owner = Owner{Username: "ada", FirstName: "A"} })},
		{"author before owner", `{"id": 1, "author": "ada", "owner": {"username": "eve", "last_name": "L"}}`, with(func(p *Post) { p.Owner = Owner{Username: "ada", LastName: "L"} })},
		{"time in UTC", `{"id": 1, "created_at": "2026-01-02T03:04:05.678999Z"}`, with(func(p *Post) { p.CreatedAt = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC) })},
		{"time with a zone", `{"id": 1, "created_at": "2026-01-02T03:04:05+02:00"}`, with(func(p *Post) { p.CreatedAt = time.Date(2026, 1, 2, 1, 4, 5, 0, time.UTC) })},
		{"epoch milliseconds", `{"id": 1, "created_at": 1700000000123}`, with(func(p *Post) { p.CreatedAt = time.UnixMilli(1700000000123).UTC() })},
		{"before 1970", `{"id": 1, "created_at": -86400000}`, with(func(p *Post) { p.CreatedAt = time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC) })},
		{"not public", `{"id": 1, "is_available_in_public_feed": false}`, with(func(p *Post) { p.Public = false })},
		{"largest id", `{"id": 2147483647}`, with(func(p *Post) { p.ID = MaxID })},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, decodePost(t, test.text)); diff != "" {
				t.Errorf("post (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPostErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"no id", `{"title": "x"}`, "id: 0 is not in 1..2147483647"},
		{"id too large", `{"id": 2147483648}`, "id: 2147483648"},
		{"negative id", `{"id": -1}`, "id: -1"},
		{"average rating", `{"id": 1, "average_rating": 101}`, "average_rating: 101 is not in -100..100"},
		{"time in words", `{"id": 1, "created_at": "yesterday"}`, `created_at: "yesterday" is neither RFC 3339 nor epoch milliseconds`},
		{"time as an object", `{"id": 1, "created_at": {}}`, "created_at: {} is neither"},
		{"time beyond the calendar", `{"id": 1, "created_at": 1e300}`, "created_at"},
		{"time after the year 9999", `{"id": 1, "created_at": 253402300800000}`, "created_at"},
		{"zone after the year 9999", `{"id": 1, "created_at": "9999-12-31T23:59:59-12:00"}`, "created_at"},
		{"category as a list", `{"id": 1, "category": []}`, "array"},
		{"title as a number", `{"id": 1, "title": 5}`, "title"},
		{"cut off", `{"id": 1`, "unexpected end"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var p Post
			err := p.UnmarshalJSON([]byte(test.text))
			if !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that wraps errs.Invalid and says %q", err, test.want)
			}
		})
	}
}

// TestCanonicalPost holds the bytes that stores and exports rely on.
func TestCanonicalPost(t *testing.T) {
	creator := "creator"
	for _, test := range []struct {
		name string
		post Post
		want string
	}{
		{"bare", Post{ID: 1, Public: true, CreatedAt: time.UnixMilli(0)},
			`{"id":1,"title":"","description":"","category":null,"project_code":"","author":"","tags":[],"genre":"","keywords":[],"created_at":"1970-01-01T00:00:00Z"}`},
		{"no HTML escapes", Post{ID: 1, Title: "<&>", Public: true, CreatedAt: time.UnixMilli(5)},
			`{"id":1,"title":"<&>","description":"","category":null,"project_code":"","author":"","tags":[],"genre":"","keywords":[],"created_at":"1970-01-01T00:00:00.005Z"}`},
		{"whole", Post{
			ID: 1, Title: "t", Description: "d", Genre: "g", Keywords: []string{"k"}, Tags: []string{"a", "b"}, ProjectCode: "p",
			CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.FixedZone("", 3600)),
			Owner:     Owner{FirstName: "F", Username: "u", UserType: &creator, HasEVMWallet: true}, Category: &Category{ID: 2, Name: "c"},
			Topic: &Topic{ID: 3, Name: "n"}, Locked: true, Slug: "s", Identifier: "i", CommentCount: 1, UpvoteCount: 2, ViewCount: 3, ExitCount: 4,
			RatingCount: 5, AverageRating: -6, ShareCount: 7, BookmarkCount: 8, VideoLink: "v", ThumbnailURL: "h", GIFThumbnailURL: "f",
			ContractAddress: "x", ChainID: "y", ChartURL: "z", BaseToken: BaseToken{Symbol: "B"},
		}, `{"id":1,"title":"t","description":"d","category":{"id":2,"name":"c","count":0,"description":"","image_url":""},"project_code":"p","author":"u","tags":["a","b"],"genre":"g","keywords":["k"],"created_at":"2026-01-02T02:04:05.006Z",` +
			`"owner":{"first_name":"F","username":"u","user_type":"creator","has_evm_wallet":true},` +
			`"topic":{"id":3,"name":"n","description":"","image_url":"","slug":"","is_public":false,"project_code":"","posts_count":0,"language":null,"created_at":"","owner":{"first_name":"","last_name":"","name":"","username":"","profile_url":"","user_type":null,"has_evm_wallet":false,"has_solana_wallet":false}},` +
			`"is_available_in_public_feed":false,"is_locked":true,"slug":"s","identifier":"i","comment_count":1,"upvote_count":2,"view_count":3,"exit_count":4,"rating_count":5,"average_rating":-6,"share_count":7,"bookmark_count":8,` +
			`"video_link":"v","thumbnail_url":"h","gif_thumbnail_url":"f","contract_address":"x","chain_id":"y","chart_url":"z","baseToken":{"address":"","name":"","symbol":"B","image_url":""}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.post.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzPost: whatever decodes has one canonical form, which decodes to the same post.
func FuzzPost(f *testing.F) {
	for _, seed := range []string{
		`{"id": 1, "category": "Vible", "created_at": 1700000000123}`,
		`{"id": 2, "category": {"name": ""}, "owner": {"username": "a"}, "created_at": "2026-01-02T03:04:05+02:00", "topic": {}}`,
		`{"id": 2147483647, "title": "\u0000\ud800 \u2028<", "tags": ["", null], "is_available_in_public_feed": false, "baseToken": {"name": "x"}}`,
		`{"id": 3, "created_at": "0001-01-01T00:00:00Z"}`, `{"id": 3, "created_at": -62135596800000}`, `{"id": 3, "created_at": "0000-01-01T00:00:00+23:59"}`,
		`{"ID": 4, "Title": "keys fold case", "owner": {}}`, `null`, `[]`, `{"id": 1e2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p Post
		if err := p.UnmarshalJSON(data); err != nil {
			if !errors.Is(err, errs.Invalid) {
				t.Fatalf("error %v does not wrap errs.Invalid", err)
			}
			return
		}
		p.Text()
		p.Features()
		first, err := p.MarshalJSON()
		if err != nil {
			t.Fatalf("encode what %s gave: %v", data, err)
		}
		var again Post
		if err := again.UnmarshalJSON(first); err != nil {
			t.Fatalf("decode the canonical form %s: %v", first, err)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Fatalf("the canonical form gives another post (-first +again):\n%s", diff)
		}
		second, err := again.MarshalJSON()
		if err != nil || string(first) != string(second) {
			t.Fatalf("two canonical forms, %v:\n%s\n%s", err, first, second)
		}
	})
}
