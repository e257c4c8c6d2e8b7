package upstream

import (
	"encoding/json"
	"strings"
	"testing"

	"resonance/internal/catalog"
)

// FuzzPage holds that no answer, whatever bytes it is made of, stops the decoder or gets a row
// past it that the store would refuse or that would not survive an export.
func FuzzPage(f *testing.F) {
	for _, body := range []string{
		`{"status":"success","message":"m","page":1,"page_size":1,"max_page_size":10,"posts":[{"id":1,"category":{"id":2,"name":"Vible"},"topic":[],"title":"t","created_at":1698088807000,"tags":["a"],"post_summary":{"description":"d","genre":null,"keywords":[{"keyword":"k","weight":3}]}}]}`,
		`{"status":"success","users":[{"id":6,"username":"u","instagram-url":null}]}`,
		`{"status":"success","posts":[{"id":5,"post_id":6,"user_id":7,"rating_percent":80,"rated_at":"2024-01-10 07:20:55"}]}`,
		`{"posts":[{"id":"1","view_count":1e300,"average_rating":-1e300,"created_at":"-62135596799999","topic":{"id":1,"name":"t","owner":{}}}]}`,
		`{"posts":null}`, `{"posts":[1,null,"",[],{}]}`, `{"status":"error"}`, `<html>`, `{"posts":[{"id":1}`, ``,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, endpoint := range Endpoints() {
			at, _ := endpoint.route()
			page, err := decodePage(endpoint, at, strings.NewReader(body))
			if err != nil {
				continue
			}
			if got := len(page.Posts) + len(page.Users) + len(page.Interactions) + len(page.Unreadable); got != page.Rows {
				t.Fatalf("%s: %d rows came in, %d went out", endpoint, page.Rows, got)
			}
			for _, p := range page.Posts {
				checkPost(t, p)
			}
			for _, u := range page.Users {
				if u.ID < 1 || u.ID >= catalog.LocalUserID || u.Username == "" {
					t.Fatalf("user %+v", u)
				}
			}
			for _, i := range page.Interactions {
				if err := i.Check(); err != nil || i.Key == "" {
					t.Fatalf("interaction %+v: %v", i, err)
				}
			}
		}
	})
}

func checkPost(t *testing.T, p catalog.Post) {
	t.Helper()
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatalf("post %+v does not encode: %v", p, err)
	}
	var again catalog.Post
	if err := json.Unmarshal(raw, &again); err != nil {
		t.Fatalf("post %s is not importable: %v", raw, err)
	}
	if p.Tags == nil || p.Keywords == nil || !p.CreatedAt.Equal(again.CreatedAt) || p.Category != nil && p.Category.Name == "" {
		t.Fatalf("post %+v, and again %+v", p, again)
	}
}
