package upstreamtest

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/upstream"
)

func get(t *testing.T, url, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Flic-Token", token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// The envelopes are those of SHAPE.md, to the order of their keys.
func TestEnvelopes(t *testing.T) {
	fake := New(t, Rows{
		upstream.Users: {json.RawMessage(`{"id":2,"username":"b"}`), json.RawMessage(`{"id":1,"username":"a"}`)},
		upstream.Posts: {json.RawMessage(`{"id":7,"post_summary":{"genre":"x"}}`)},
		upstream.Likes: {json.RawMessage(`{"id":1,"post_id":7,"user_id":1}`), json.RawMessage(`{"id":2,"post_id":8,"user_id":1}`), json.RawMessage(`{"id":3,"post_id":7,"user_id":2}`)},
	})
	for name, tt := range map[string]struct{ call, want string }{
		"users": {
			"/users/get_all?page=1&page_size=5",
			`{"status":"success","message":"Users fetched successfully","page":1,"max_page_size":5,"page_size":2,"users":[{"id":1,"username":"a"},{"id":2,"username":"b"}]}`,
		},
		"a full page": {
			"/users/get_all?page=2&page_size=1",
			`{"status":"success","message":"Users fetched successfully","page":2,"max_page_size":1,"page_size":1,"users":[{"id":2,"username":"b"}]}`,
		},
		"past the end": {
			"/posts/summary/get?page=9&page_size=5",
			`{"status":"success","message":"Posts fetched successfully","page":9,"page_size":0,"max_page_size":5,"posts":[]}`,
		},
		"events": {
			"/posts/like?page=2&page_size=2&resonance_algorithm=" + Algorithm,
			`{"status":"success","message":"Liked posts fetched successfully","page":2,"page_size":1,"max_page_size":2,"posts":[{"id":3,"post_id":7,"user_id":2}]}`,
		},
		"the owner's history": {
			"/posts/like?page=1&page_size=5",
			`{"status":"success","message":"Liked posts fetched successfully","page":1,"page_size":1,"max_page_size":5,"posts":[{"id":7,"post_summary":[]}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			code, body := get(t, fake.URL+tt.call, Token)
			if diff := cmp.Diff(tt.want, body); diff != "" || code != http.StatusOK {
				t.Errorf("code %d %s", code, diff)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	fake := New(t, nil)
	if code, _ := get(t, fake.URL+"/posts/like", "wrong"); code != http.StatusUnauthorized {
		t.Errorf("wrong token: %d", code)
	}
	if code, _ := get(t, fake.URL+"/comments", Token); code != http.StatusNotFound {
		t.Errorf("unknown address: %d", code)
	}
	if n := len(fake.Requests()); n != 0 {
		t.Errorf("%d refused calls are counted", n)
	}
}

func TestRowsChangeBetweenCalls(t *testing.T) {
	fake := New(t, nil)
	fake.OnRequest(func(r Request) Fault {
		switch r.Number {
		case 1:
			fake.Put(upstream.Users, map[string]int{"id": 1}, map[string]int{"id": 2})
		case 2:
			fake.Remove(upstream.Users, 1, 99)
		case 3:
			return Status(http.StatusBadGateway)
		}
		return nil
	})
	fake.Next(upstream.Posts, Body("scripted"))
	want := []string{`"users":[{"id":1},{"id":2}]}`, `"users":[{"id":2}]}`}
	for _, tail := range want {
		if _, body := get(t, fake.URL+"/users/get_all", Token); len(body) < len(tail) || body[len(body)-len(tail):] != tail {
			t.Errorf("got %s, want it to end in %s", body, tail)
		}
	}
	if code, _ := get(t, fake.URL+"/users/get_all", Token); code != http.StatusBadGateway {
		t.Errorf("the hook's fault: %d", code)
	}
	if _, body := get(t, fake.URL+"/posts/summary/get", Token); body != "scripted" {
		t.Errorf("got %s", body)
	}
}

func TestReadDir(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "likes.json"), []byte(`[{"id":1},{"id":2}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	rows, err := ReadDir(dir)
	if err != nil || len(rows) != 1 || len(rows[upstream.Likes]) != 2 {
		t.Errorf("got %v, %v", rows, err)
	}
	if err = os.WriteFile(filepath.Join(dir, "posts.json"), []byte(`{"posts":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = ReadDir(dir); err == nil {
		t.Error("a file that is no array was read")
	}
}
