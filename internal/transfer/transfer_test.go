package transfer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/store"
	"resonance/internal/store/sqlite"
)

func newStore(t *testing.T) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// folder writes files, given as name and text in turn, into a new folder.
func folder(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for n := 0; n < len(files); n += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[n]), []byte(files[n+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// files returns the text of every file in dir.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(b)
	}
	return all
}

func export(t *testing.T, r Reader) map[string]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new")
	if _, err := Export(t.Context(), dir, r); err != nil {
		t.Fatal(err)
	}
	return files(t, dir)
}

func TestImport(t *testing.T) {
	const (
		posts = "\xef\xbb\xbf" + `{"id": 2, "title": "old"}` + "\r\n\r\n  \n" +
			`{"id": 1, "title": "", "description": "", "category": "Vible", "project_code": "", "author": "a", "tags": [], "genre": "", "keywords": [], "created_at": "2026-01-02T03:04:05Z"}` + "\n" +
			`{"id": 2, "title": "two", "created_at": 1700000000123, "unknown": {"x": [1]}}` // the last wins; no newline
		users        = `{"id": 7, "username": "ada", "first_name": "Ada"}` + "\n" + `{"username": "bob", "id": 1073741830}` + "\n"
		interactions = `{"key": "view:1", "user_id": 9, "post_id": 1, "kind": "view", "at": "2026-01-02T03:04:05Z"}
{"username": "cy", "post_id": 404, "kind": "rating", "value": 79.6, "at": "2026-01-02T05:04:05.678+02:00"}
{"username": "ada", "post_id": 1, "kind": "like", "value": 3, "at": "2026-01-02T03:04:05Z"}
`
	)
	want := map[string]string{
		"posts.jsonl": `{"id":1,"title":"","description":"","category":{"id":0,"name":"Vible","count":0,"description":"","image_url":""},"project_code":"","author":"a","tags":[],"genre":"","keywords":[],"created_at":"2026-01-02T03:04:05Z"}
{"id":2,"title":"two","description":"","category":null,"project_code":"","author":"","tags":[],"genre":"","keywords":[],"created_at":"2023-11-14T22:13:20.123Z"}
`,
		"users.jsonl": `{"id":7,"username":"ada","first_name":"Ada"}
{"id":1073741830,"username":"bob"}
{"id":1073741831,"username":"cy"}
`,
		"interactions.jsonl": `{"username":"ada","post_id":1,"kind":"like","at":"2026-01-02T03:04:05Z"}
{"key":"view:1","user_id":9,"post_id":1,"kind":"view","at":"2026-01-02T03:04:05Z"}
{"username":"cy","post_id":404,"kind":"rating","value":80,"at":"2026-01-02T03:04:05.678Z"}
`,
	}
	for _, keep := range []int{keepBytes, 0} {
		t.Run(fmt.Sprintf("keeping %d bytes", keep), func(t *testing.T) {
			db := newStore(t)
			dir := folder(t, "posts.jsonl", posts, "users.jsonl", users, "interactions.jsonl", interactions, "README.md", "ignored")
			for n, changed := range []int64{7, 0} {
				f, err := check(t.Context(), dir, nil, keep)
				if err != nil {
					t.Fatal(err)
				}
				got, err := f.Write(t.Context(), db, nil)
				if want := (Counts{Posts: 3, Users: 2, Interactions: 3, Changed: changed}); err != nil || got != want {
					t.Errorf("import %d: %+v, %v; want %+v", n, got, err, want)
				}
			}
			if diff := cmp.Diff(want, export(t, db)); diff != "" {
				t.Errorf("export (-want +got):\n%s", diff)
			}
		})
	}
}

func TestImportErrors(t *testing.T) {
	const good = `{"id": 1, "username": "ada"}` + "\n"
	for _, test := range []struct {
		name  string
		files []string
		want  []string
	}{
		{"bad JSON", []string{"users.jsonl", good + "\n{\"id\": 2,"}, []string{"users.jsonl:3: ", "unexpected end"}},
		{"two rows on a line", []string{"users.jsonl", `{"id":1,"username":"a"}{"id":2,"username":"b"}`}, []string{"users.jsonl:1: "}},
		{"user without a name", []string{"users.jsonl", `{"id": 1}`}, []string{"users.jsonl:1: ", "username: must not be empty"}},
		{"user id", []string{"users.jsonl", `{"id": 2147483648, "username": "a"}`}, []string{"id: 2147483648 is not in 1..2147483647"}},
		{"wrong type", []string{"users.jsonl", `{"id": "1", "username": "a"}`}, []string{"users.jsonl:1: ", "id: takes a whole number, not a string"}},
		{"a list", []string{"posts.jsonl", `[{"id": 1}]`}, []string{"posts.jsonl:1: ", "takes an object, not a array"}},
		{"null", []string{"posts.jsonl", `null`}, []string{"posts.jsonl:1: ", "id: 0 is not in"}},
		{"tags", []string{"posts.jsonl", `{"id": 1, "tags": "x"}`}, []string{"tags: takes a list, not a string"}},
		{"time", []string{"posts.jsonl", `{"id": 1, "created_at": "yesterday"}`}, []string{"created_at: \"yesterday\" is neither RFC 3339 nor epoch milliseconds"}},
		{"kind", []string{"interactions.jsonl", `{"username": "a", "post_id": 1, "kind": "stare", "at": "2026-01-02T03:04:05Z"}`}, []string{"interactions.jsonl:1: ", `kind: "stare" is not one of view, like`}},
		{"value", []string{"interactions.jsonl", `{"username": "a", "post_id": 1, "kind": "rating", "value": 0, "at": "2026-01-02T03:04:05Z"}`}, []string{"value: 0 is not in 1..100"}},
		{"nobody", []string{"interactions.jsonl", `{"post_id": 1, "kind": "like", "at": "2026-01-02T03:04:05Z"}`}, []string{"username: is empty"}},
		{"too long", []string{"posts.jsonl", "\n" + `{"id":1,"title":"` + strings.Repeat("x", maxLine) + `"}`}, []string{"posts.jsonl:2: ", "longer than 16 MiB"}},
		{"endless", []string{"posts.jsonl", "\n\n" + strings.Repeat(" ", 3*maxLine)}, []string{"posts.jsonl:3: ", "longer than 16 MiB"}},
		{"several", []string{"users.jsonl", "{}\n" + good + "{}\n"}, []string{"users.jsonl:1: ", "users.jsonl:3: "}},
		{"in a later file", []string{"users.jsonl", good, "interactions.jsonl", "{}"}, []string{"interactions.jsonl:1: "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := newStore(t)
			counts, err := Import(t.Context(), folder(t, test.files...), db, nil)
			if !errors.Is(err, errs.Invalid) || counts != (Counts{}) {
				t.Fatalf("import: %+v, %v", counts, err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q:\n%v", want, err)
				}
			}
			if seq, err := db.Sequence(t.Context()); seq != 0 || err != nil {
				t.Errorf("something was written: sequence %d, %v", seq, err)
			}
		})
	}

	t.Run("only the first errors", func(t *testing.T) {
		_, err := Import(t.Context(), folder(t, "users.jsonl", strings.Repeat("{}\n", 1_000_000)), newStore(t), nil)
		if lines := strings.Count(err.Error(), "\n") + 1; lines != maxErrors {
			t.Errorf("%d lines of errors, want %d", lines, maxErrors)
		}
	})
	for name, dir := range map[string]string{"no folder": filepath.Join(t.TempDir(), "none"), "no files": folder(t, "post.jsonl", "{}")} {
		t.Run(name, func(t *testing.T) {
			if _, err := Import(t.Context(), dir, newStore(t), nil); !errors.Is(err, errs.NotFound) {
				t.Errorf("import: %v", err)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Import(ctx, folder(t, "users.jsonl", good), newStore(t), nil); !errors.Is(err, context.Canceled) {
			t.Errorf("import: %v", err)
		}
	})
	t.Run("changed in between", func(t *testing.T) {
		dir := folder(t, "users.jsonl", good)
		f, err := check(t.Context(), dir, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "users.jsonl"), []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(t.Context(), newStore(t), nil); err == nil || !strings.Contains(err.Error(), "changed since") {
			t.Errorf("write: %v", err)
		}
	})
}

// TestLongLines reads lines around the size of a block, and one as long as they may be.
func TestLongLines(t *testing.T) {
	var b strings.Builder
	want := int64(0)
	for _, size := range []int{10, blockBytes - 50, 100, blockBytes, blockBytes + 1, 3 * blockBytes, 5, maxLine - 100} {
		want++
		fmt.Fprintf(&b, `{"id":%d,"description":"%s"}`+"\n", want, strings.Repeat("x", size))
	}
	db := newStore(t)
	var last, total int64
	counts, err := Import(t.Context(), folder(t, "posts.jsonl", b.String()), db, func(_ string, done, of int64) { last, total = done, of })
	if err != nil || counts.Posts != want || counts.Changed != want || last != want || total != want {
		t.Errorf("import: %+v, %v, progress %d of %d; want %d posts", counts, err, last, total, want)
	}
}

func TestImportSkipsForgotten(t *testing.T) {
	db := newStore(t)
	dir := folder(t,
		"users.jsonl", `{"id":7,"username":"ada"}`+"\n"+`{"id":8,"username":"bob"}`+"\n",
		"interactions.jsonl", `{"username":"ada","post_id":1,"kind":"like","at":"2026-01-02T03:04:05Z"}
{"user_id":7,"post_id":1,"kind":"inspire","at":"2026-01-02T03:04:05Z"}
{"username":"bob","post_id":1,"kind":"like","at":"2026-01-02T03:04:05Z"}
`)
	if _, err := Import(t.Context(), dir, db, nil); err != nil {
		t.Fatal(err)
	}
	if deleted, err := db.Forget(t.Context(), "ada"); deleted != 2 || err != nil {
		t.Fatalf("forget: %d, %v", deleted, err)
	}
	got, err := Import(t.Context(), dir, db, nil)
	if want := (Counts{Users: 1, Interactions: 1, Skipped: 3}); err != nil || got != want {
		t.Errorf("import again: %+v, %v; want %+v", got, err, want)
	}
	if text := fmt.Sprint(export(t, db)); strings.Contains(text, "ada") {
		t.Errorf("the export holds a forgotten user: %s", text)
	}
}

func TestExportIsWhole(t *testing.T) {
	dir := t.TempDir()
	db := newStore(t)
	if _, err := db.PutUsers(t.Context(), []catalog.User{{ID: 1, Username: "ada"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := Export(t.Context(), dir, db); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	broken := errors.New("the store broke")
	if _, err := Export(t.Context(), dir, half{broken}); !errors.Is(err, broken) {
		t.Errorf("export: %v", err)
	}
	if diff := cmp.Diff(before, files(t, dir)); diff != "" {
		t.Errorf("a broken export touched the folder (-before +after):\n%s", diff)
	}
	if len(before) != 3 {
		t.Errorf("files %v", before)
	}
}

// half is a store that breaks after its first row.
type half struct{ err error }

func (h half) Rows(_ context.Context, v store.RowVisitor) error {
	return errors.Join(v.User(catalog.User{ID: 2, Username: "new"}), h.err)
}

// TestRoundTrip exports random stores, with all that can happen to users, and imports them.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		db := newStore(t)
		fill(t, db, r)
		first := export(t, db)
		dir := folder(t, "posts.jsonl", first["posts.jsonl"], "users.jsonl", first["users.jsonl"], "interactions.jsonl", first["interactions.jsonl"])
		again := newStore(t)
		if _, err := Import(t.Context(), dir, again, nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, export(t, again)); diff != "" {
			t.Fatalf("seed %d: the second export differs (-first +second):\n%s", seed, diff)
		}
		if counts, err := Import(t.Context(), dir, again, nil); err != nil || counts.Changed != 0 {
			t.Errorf("seed %d: importing again: %+v, %v", seed, counts, err)
		}
		if counts, err := Import(t.Context(), dir, db, nil); err != nil || counts.Changed != 0 {
			t.Errorf("seed %d: importing into the store it came from: %+v, %v", seed, counts, err)
		}
	}
}

var oddNames = []string{"ada", "o'neil \"x\"", "<b>&amp;", "ünïcode 🙂 \u2028", " ", "00123.abc.7", "a\tb\nc\\", "null", "\u0000", "\ufffd"}

// fill writes random rows in random order.
func fill(t *testing.T, db *sqlite.DB, r *rand.Rand) {
	t.Helper()
	name := func() string { return oddNames[r.IntN(len(oddNames))] }
	for range 60 {
		var err error
		switch id := 1 + r.Int64N(8); r.IntN(6) {
		case 0:
			u := catalog.User{ID: id, Username: name(), LastName: name()}
			if r.IntN(3) == 0 {
				u.ID += catalog.LocalUserID + 10
			}
			_, err = db.PutUsers(t.Context(), []catalog.User{u})
		case 1:
			p := catalog.Post{ID: id, Title: name(), Description: name(), Tags: []string{name()}, Owner: catalog.Owner{Username: name(), LastName: name()}, Public: r.IntN(2) == 0, CreatedAt: time.UnixMilli(r.Int64N(4e12) - 2e12), AverageRating: -3}
			if r.IntN(2) == 0 {
				p.Category, p.Topic = &catalog.Category{Name: name()}, &catalog.Topic{Name: name(), ProjectCode: name()}
			}
			_, err = db.PutPosts(t.Context(), []catalog.Post{p})
		case 2:
			_, err = db.PutPage(t.Context(), store.Page{Endpoint: store.EndpointUsers, Number: 1, Users: []catalog.User{{ID: id, Username: name()}}})
			if err == nil && r.IntN(2) == 0 {
				_, err = db.EndPass(t.Context(), store.EndpointUsers)
			}
		case 3:
			if _, err = db.Forget(t.Context(), name()); errors.Is(err, errs.NotFound) || r.IntN(4) > 0 {
				err = nil
			}
		default:
			i := interaction.Interaction{PostID: id, Kind: interaction.Like, Value: interaction.NoValue, At: time.UnixMilli(r.Int64N(3) - 1).UTC()}
			if r.IntN(2) == 0 {
				i.Kind, i.Value = interaction.View, r.IntN(102)-1
			}
			if i.Username = name(); r.IntN(3) == 0 {
				i.Username, i.UserID = "", 1+r.Int64N(8)
			}
			if r.IntN(2) == 0 {
				i.Key = []string{"view:1", name(), "k" + name()}[r.IntN(3)]
			}
			_, err = db.PutInteractions(t.Context(), []interaction.Interaction{i})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Import checks the folder, then writes it, as the command does.
func Import(ctx context.Context, dir string, w Writer, progress Progress) (Counts, error) {
	f, err := Check(ctx, dir, progress)
	if err != nil {
		return Counts{}, err
	}
	return f.Write(ctx, w, progress)
}
