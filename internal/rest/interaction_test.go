package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/store/sqlite"
)

// newStoreDoor is a door over a store with posts 1 to 5, whose clock stands at noon.
func newStoreDoor(t *testing.T) door { return newStoreDoorFor(t, caller.Keyring{}) }

func newStoreDoorFor(t *testing.T, keys caller.Keyring) door {
	t.Helper()
	noon := func() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), sqlite.Options{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for id := range int64(5) {
		if _, err := db.PutPosts(t.Context(), []catalog.Post{{ID: id + 1, ProjectCode: fmt.Sprint("p", id%2)}}); err != nil {
			t.Fatal(err)
		}
	}
	return newDoorFor(keys, func(c *Config) { c.Recorder = db })
}

func (d door) send(method, target, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func (d door) post(body string) *httptest.ResponseRecorder {
	return d.send(http.MethodPost, "/interactions", "application/json", body)
}

func TestRecordOne(t *testing.T) {
	for body, want := range map[string]string{
		`{"username": "ada", "post_id": 1, "kind": "like", "value": null, "watched_seconds": null, "duration_seconds": null, "at": null, "idempotency_key": null}`: `{"username":"ada","post_id":1,"kind":"like","value":null,"at":"2026-01-02T12:00:00Z","idempotency_key":null}`,
		`{"username": "ada", "post_id": 2, "kind": "rating", "value": 80, "at": "2026-01-02T03:04:05.678+02:00", "idempotency_key": "k"}`:                          `{"username":"ada","post_id":2,"kind":"rating","value":80,"at":"2026-01-02T01:04:05.678Z","idempotency_key":"k"}`,
		`{"username": "ada", "post_id": 2.0, "kind": "rating", "value": 8e1}`:                                                                                      `{"username":"ada","post_id":2,"kind":"rating","value":80,"at":"2026-01-02T12:00:00Z","idempotency_key":null}`,
		`{"username": "ada", "post_id": 2, "kind": "view", "watched_seconds": 3, "duration_seconds": 12.0}`:                                                        `{"username":"ada","post_id":2,"kind":"view","value":25,"at":"2026-01-02T12:00:00Z","idempotency_key":null}`,
	} {
		w := newStoreDoor(t).post(body)
		if got, want := strings.TrimSpace(w.Body.String()), `{"status":"accepted","interaction":`+want+`}`; w.Code != 200 || got != want {
			t.Errorf("%s: %d\n%s, want\n%s", body, w.Code, got, want)
		}
	}
	d := newStoreDoor(t)
	for _, status := range []string{"accepted", "duplicate", "duplicate"} {
		if w := d.post(`{"username": "ada", "post_id": 1, "kind": "bookmark"}`); !strings.Contains(w.Body.String(), `"status":"`+status+`"`) {
			t.Errorf("%s, want %s", w.Body, status)
		}
	}
}

func TestWrongInteractionsAreRefused(t *testing.T) {
	d := newStoreDoor(t)
	d.post(`{"username": "ada", "post_id": 1, "kind": "like", "idempotency_key": "used"}`)
	d.post(`{"username": "eve", "post_id": 1, "kind": "like"}`)
	d.send(http.MethodDelete, "/users/eve", "", "")
	for body, want := range map[string]string{
		``:    "400 request body is required",
		`{`:   "400 the body is not JSON",
		`1`:   "422 validation failed: body",
		`[1]`: "422 validation failed: body[0]",
		`{"username": "ada", "post_id": 1, "kind": "like", "x": 1}`:                                      "422 validation failed: body.x",
		`{"post_id": 1, "kind": "like"}`:                                                                 "422 validation failed: body",
		`{"username": "` + strings.Repeat("ḁ", 256) + `", "post_id": 1, "kind": "like"}`:                 "422 validation failed: body.username",
		`{"username": "", "post_id": 1, "kind": "like"}`:                                                 "422 validation failed: body.username",
		`{"username": "ada", "post_id": 1, "kind": "LIKE"}`:                                              "422 validation failed: body.kind",
		`{"username": "ada", "post_id": 1.5, "kind": "like"}`:                                            "422 validation failed: body.post_id",
		`{"username": "ada", "post_id": 2147483648, "kind": "like"}`:                                     "422 validation failed: body.post_id",
		`{"username": "ada", "post_id": 1, "kind": "rating", "value": 101}`:                              "422 validation failed: body.value",
		`{"username": "ada", "post_id": 1, "kind": "rating"}`:                                            "422 value: a rating needs one, 1..100",
		`{"username": "ada", "post_id": 1, "kind": "rating", "value": 0}`:                                "422 value: 0 is not in 1..100, as a rating takes",
		`{"username": "ada", "post_id": 1, "kind": "like", "at": "yesterday"}`:                           "422 validation failed: body.at",
		`{"username": "ada", "post_id": 1, "kind": "like", "at": "2026-01-02T12:05:01Z"}`:                "409 at: is more than 5 minutes ahead of the server's 2026-01-02T12:00:00Z",
		`{"username": "ada", "post_id": 1, "kind": "view", "watched_seconds": 1, "duration_seconds": 0}`: "422 validation failed: body.duration_seconds",
		`{"username": "ada", "post_id": 404, "kind": "like"}`:                                            "404 there is no post 404",
		`{"username": "ada", "post_id": 2, "kind": "like", "idempotency_key": "used"}`:                   "409 idempotency key: was used for another interaction",
		`{"username": "eve", "post_id": 1, "kind": "like"}`:                                              "403 the user was forgotten",
		`[{"username": "ada", "post_id": 3, "kind": "like"}, {"username": "ada", "post_id": 3}]`:         "422 validation failed: body[1]",
		"{\"username\": \"\xff\", \"post_id\": 1, \"kind\": \"like\"}":                                   "400 the body is not UTF-8",
		"[" + strings.Repeat(`{},`, 1000) + "{}]":                                                        "422 the list has 1001 interactions, more than 1000",
	} {
		w := d.post(body)
		problem := readProblem(t, w)
		got := fmt.Sprint(w.Code, " ", problem.Detail)
		if len(problem.Errors) > 0 {
			got += ": " + problem.Errors[0].Location
		}
		if got != want {
			t.Errorf("%.200s: %s, want %s", body, got, want)
		}
	}
	if w := d.post(`{"username": "ada", "post_id": 2147483648, "kind": "like"}`); !strings.Contains(w.Body.String(), `"expected number <= 2147483647"`) {
		t.Errorf("the largest id: %s", w.Body)
	}
	if w := d.post(`{"username": "` + strings.Repeat("ḁ", 255) + `", "post_id": 1, "kind": "like"}`); w.Code != http.StatusOK {
		t.Errorf("a name of 255 letters: %d %s", w.Code, w.Body)
	}
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
		w := d.send(http.MethodPost, "/interactions", contentType, `{"username": "ada", "post_id": 3, "kind": "like"}`)
		if readProblem(t, w); w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%q: %d", contentType, w.Code)
		}
	}
	if w := d.post(`{"username": "ada", "post_id": 3, "kind": "like"}`); !strings.Contains(w.Body.String(), `"accepted"`) {
		t.Errorf("something of what was refused was recorded: %s", w.Body)
	}
}

// A body that is wrong in many places is not sent back with each of them.
func TestAWrongBodyDoesNotComeBack(t *testing.T) {
	var fields []string
	for n := range 2000 {
		fields = append(fields, fmt.Sprintf(`"field%d": %q`, n, strings.Repeat("x", 20)))
	}
	d := newStoreDoor(t)
	for body, places := range map[string]int{
		"{" + strings.Join(fields, ",") + "}":                                                    2003, // and three that are missing
		"[" + strings.Repeat(`{"username": {"`+strings.Repeat("x", 500)+`": []}},`, 999) + "{}]": 3000,
		`{"username": "` + strings.Repeat("x", 100_000) + `", "post_id": 1, "kind": "like"}`:     1,
	} {
		w := d.post(body)
		problem := readProblem(t, w)
		if w.Code != 422 || w.Body.Len() > 5000 || len(problem.Errors) != min(places, maxWrong) ||
			places > maxWrong && !strings.Contains(problem.Detail, fmt.Sprint(places)) {
			t.Errorf("%.50s: %d, %d places, %d bytes: %.200s", body, w.Code, len(problem.Errors), w.Body.Len(), w.Body)
		}
	}
}

func TestRecordMany(t *testing.T) {
	d := newStoreDoor(t)
	w := d.post(`[{"username": "ada", "post_id": 1, "kind": "view", "idempotency_key": "k"}, {"username": "ada", "post_id": 1, "kind": "view", "idempotency_key": "k"},
		{"username": "ada", "post_id": 2, "kind": "view", "idempotency_key": "k"}, {"username": "ada", "post_id": 404, "kind": "like"}, {"username": "ada", "post_id": 2, "kind": "rating"}]`)
	var got recordedRows
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	words := []string{fmt.Sprint(got.Accepted, got.Duplicates, got.Rejected)}
	for _, r := range got.Results {
		words = append(words, strings.TrimSpace(fmt.Sprint(r.Index, " ", r.Status, " ", r.Code, " ", r.Message)))
		if (r.Interaction == nil) != (r.Code != "") {
			t.Errorf("row %d: %+v", r.Index, r)
		}
	}
	want := []string{"1 1 3", "0 accepted", "1 duplicate", "2 rejected CONFLICT idempotency key: was used for another interaction",
		"3 rejected NOT_FOUND there is no post 404", "4 rejected BAD_USER_INPUT value: a rating needs one, 1..100"}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w := d.post(`[]`); strings.TrimSpace(w.Body.String()) != `{"accepted":0,"duplicates":0,"rejected":0,"results":[]}` {
		t.Errorf("no rows: %s", w.Body)
	}
}

func TestRemoveInteractions(t *testing.T) {
	d := newStoreDoor(t)
	d.post(`{"username": "a b", "post_id": 1, "kind": "like"}`)
	for query, want := range map[string]int{
		"username=a+b&post_id=1&kind=love":                         422,
		"username=&post_id=1&kind=like":                            422,
		"post_id=1&kind=like":                                      422,
		"username=a+b&post_id=0&kind=like":                         422,
		"username=a+b&post_id=1&kind=like&at=yesterday":            422,
		"username=a+b&post_id=1&kind=like&at=":                     422, // not all there is
		"username=a+b&post_id=1&kind=like&kind=view":               422,
		"username=a+b&post_id=1&kind=like&at=2026-01-02T13:00:00Z": 409,
		"username=a+b&post_id=404&kind=like":                       404,
	} {
		w := d.send(http.MethodDelete, "/interactions?"+query, "", "")
		if readProblem(t, w); w.Code != want {
			t.Errorf("%s: %d, want %d", query, w.Code, want)
		}
	}
	for _, step := range []struct {
		at   string
		want int
	}{{"&at=2026-01-02T11:59:59Z", 0}, {"", 1}, {"", 0}} {
		w := d.send(http.MethodDelete, "/interactions?username=a+b&post_id=1&kind=like"+step.at, "", "")
		if got, want := strings.TrimSpace(w.Body.String()), fmt.Sprintf(`{"removed_interactions":%d}`, step.want); got != want {
			t.Errorf("%s: %s, want %s", step.at, got, want)
		}
	}
}

func TestForgetUser(t *testing.T) {
	d := newStoreDoor(t)
	for _, username := range []string{"ada", "a/b", "50%25", "ü ?"} {
		body, err := json.Marshal(map[string]any{"username": username, "post_id": 1, "kind": "like"})
		if err != nil {
			t.Fatal(err)
		}
		d.post(string(body))
	}
	for _, path := range []string{"/users/ada", "/users/a%2Fb", "/users/50%2525", "/users/%C3%BC%20%3F"} {
		if w := d.send(http.MethodDelete, path, "", ""); strings.TrimSpace(w.Body.String()) != `{"deleted_interactions":1}` {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
	if w := d.send(http.MethodDelete, "/users/nobody", "", ""); w.Code != http.StatusNotFound {
		t.Errorf("nobody: %d", w.Code)
	}
}

// A key records what its scope and its project allow, and forgets only where it is bound to none.
func TestRecordingIsTheCallers(t *testing.T) {
	for _, test := range []struct {
		scope          string
		projects       []string
		record, forget int
	}{
		{"read", nil, 403, 403},
		{"write", nil, 200, 200},
		{"write", []string{"p0"}, 200, 403},
		{"admin", []string{"p1"}, 404, 403},
	} {
		keys, authorization := newKey(t, test.scope, test.projects...)
		d := newStoreDoorFor(t, keys)
		send := func(method, target, body string) int {
			r := httptest.NewRequest(method, target, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", authorization)
			w := httptest.NewRecorder()
			d.ServeHTTP(w, r)
			return w.Code
		}
		if code := send(http.MethodPost, "/interactions", `{"username": "ada", "post_id": 1, "kind": "view"}`); code != test.record {
			t.Errorf("%s %v records: %d, want %d", test.scope, test.projects, code, test.record)
		}
		if code := send(http.MethodDelete, "/users/ada", ""); code != test.forget {
			t.Errorf("%s %v forgets: %d, want %d", test.scope, test.projects, code, test.forget)
		}
	}
}

func FuzzRecordBody(f *testing.F) {
	for _, body := range []string{
		`{"username": "ada", "post_id": 1, "kind": "like"}`, `[{"username": "ada", "post_id": 1, "kind": "view", "value": 5}]`, `[]`, `null`, `[null]`, `[[]]`,
		`{"username": "ada", "post_id": 1e0, "kind": "view", "watched_seconds": 1e308, "duration_seconds": 5e-324}`, `{"at": "9999-12-31T23:59:60Z"}`,
		`{"username": "ada", "post_id": 1, "kind": "like", "at": "0000-01-01T00:00:00Z"}`, `{"username": "\ud800", "Username": "x", "post_id": 1, "kind": "like"}`,
	} {
		f.Add(body)
	}
	reader := newRowReader(huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer))
	f.Fuzz(func(t *testing.T, body string) {
		rows, isList, wrong := reader.read([]byte(body))
		if wrong == nil && !isList && len(rows) != 1 {
			t.Errorf("one object gives %d rows", len(rows))
		}
		for n := range rows {
			d := rows[n].draft()
			if i, err := d.Interaction(time.Now()); err == nil && i.Check() != nil {
				t.Errorf("a wrong interaction passes: %+v", i)
			}
		}
	})
}
