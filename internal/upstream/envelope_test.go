package upstream_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"resonance/internal/errs"
	"resonance/internal/sharedtest"
	"resonance/internal/upstream"
	"resonance/internal/upstream/upstreamtest"
)

func TestPageSizeMeansRowsReturned(t *testing.T) {
	const rows = `[{"id":1,"post_id":1,"user_id":1,"liked_at":"2024-01-10 07:20:55"},{"id":2,"post_id":1,"user_id":2,"liked_at":"2024-01-10 07:20:55"}]`
	for name, tt := range map[string]struct {
		sizes string
		last  bool
	}{
		"full page":                      {`"page_size":2,"max_page_size":2`, false},
		"short page":                     {`"page_size":2,"max_page_size":1000`, true},
		"no max_page_size":               {`"page_size":2`, true}, // of the 1000 asked
		"upstream allows less than 1000": {`"page_size":2,"max_page_size":"2"`, false},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := answer(t, upstream.Likes, `{"status":"success","page":1,`+tt.sizes+`,"posts":`+rows+`}`)
			if err != nil {
				t.Fatal(err)
			}
			if page.Rows != 2 || page.Last() != tt.last {
				t.Errorf("rows %d of %d, last %v", page.Rows, page.MaxRows, page.Last())
			}
		})
	}
}

func TestLastPageIsShortOrEmpty(t *testing.T) {
	fake := upstreamtest.New(t, nil)
	for id := range 5 {
		fake.Put(upstream.Users, map[string]any{"id": id + 1, "username": fmt.Sprint("u", id)})
	}
	client := fake.Client(t, zerolog.Nop())
	for _, tt := range []struct {
		number, size, rows int
		last               bool
	}{{1, 5, 5, false}, {2, 5, 0, true}, {1, 2, 2, false}, {3, 2, 1, true}, {9, 2, 0, true}} {
		page, err := client.Page(t.Context(), upstream.Users, tt.number, tt.size)
		if err != nil {
			t.Fatal(err)
		}
		if page.Number != tt.number || page.Rows != tt.rows || page.Last() != tt.last {
			t.Errorf("page %d of size %d: number %d, rows %d, last %v", tt.number, tt.size, page.Number, page.Rows, page.Last())
		}
	}
}

func TestUnreadableRowsCountForTheEndOfPages(t *testing.T) {
	page, err := answer(t, upstream.Posts, `{"status":"success","max_page_size":2,"posts":[{"id":1},{"id":"?"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if page.Last() || page.Rows != 2 {
		t.Errorf("a full page with an unreadable row passes for the last: %+v", page)
	}
}

func TestEnvelopeKeysInAnyOrder(t *testing.T) {
	page, err := answer(t, upstream.Users, `{"users":[{"id":1,"username":"a"}],"new_key":{"a":[1]},"max_page_size":1,"message":"","status":"success"}`)
	if err != nil || len(page.Users) != 1 || page.MaxRows != 1 {
		t.Errorf("got %+v, %v", page, err)
	}
}

func TestNullRowsAreAnEmptyPage(t *testing.T) {
	page, err := answer(t, upstream.Posts, `{"status":"success","posts":null}`)
	if err != nil || page.Rows != 0 || !page.Last() {
		t.Errorf("got %+v, %v", page, err)
	}
}

func TestAnswersThatAreNoPage(t *testing.T) {
	for name, tt := range map[string]struct{ body, says string }{
		"nothing":          {"", "cut off"},
		"HTML":             {"<html><body>Bad gateway</body></html>", "not JSON"},
		"cut":              {`{"status":"success","posts":[{"id":1},{"id"`, "cut off"},
		"cut after rows":   {`{"status":"success","posts":[{"id":1}]`, "cut off"},
		"broken row":       {`{"status":"success","posts":[{"id":1},{id:2}]}`, "not JSON"},
		"array":            {`[]`, "not the JSON expected"},
		"no rows":          {`{"status":"success"}`, `no "posts"`},
		"users for posts":  {`{"status":"success","users":[]}`, `no "posts"`},
		"rows no array":    {`{"status":"success","posts":{"0":{"id":1}}}`, "not an array"},
		"says error":       {`{"status":"error","message":"database is down","posts":[]}`, "database is down"},
		"more that's HTML": {`{"status":"success","posts":[]}<html>`, "not JSON"},
		"two answers":      {`{"status":"success","posts":[]}{}`, "more follows"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := answer(t, upstream.Posts, tt.body)
			if !errors.Is(err, errs.Unavailable) || !strings.Contains(fmt.Sprint(err), tt.says) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
		})
	}
}

func TestEveryCapturedRowIsReadable(t *testing.T) {
	rows, err := upstreamtest.ReadDir(sharedtest.Dir(t, "upstream"))
	if err != nil {
		t.Fatal(err)
	}
	client := upstreamtest.New(t, rows).Client(t, zerolog.Nop())
	want := map[upstream.Endpoint]int{
		upstream.Posts: 2136, upstream.Users: 1268, upstream.Views: 6528, upstream.Likes: 1263, upstream.Inspires: 456, upstream.Ratings: 2883,
	}
	for endpoint, count := range want {
		page, err := client.Page(t.Context(), endpoint, 1, 10000)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(page.Posts) + len(page.Users) + len(page.Interactions); got != count || len(page.Unreadable) != 0 {
			t.Errorf("%s: %d rows, want %d; unreadable: %v", endpoint, got, count, page.Unreadable)
		}
	}
}
