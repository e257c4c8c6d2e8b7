package demo

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseRecords(t *testing.T) {
	got, err := parseRecords("f.txt", `# a comment
post: 3d ago by ann
title: Soup: a love story
First: boil water,
then: wait.

topic: soups
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []record{
		{where: "f.txt:2", kind: "post", fields: map[string]string{"post": "3d ago by ann", "title": "Soup: a love story"}, text: "First: boil water, then: wait."},
		{where: "f.txt:7", kind: "topic", fields: map[string]string{"topic": "soups"}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(record{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseAge(t *testing.T) {
	for _, c := range []struct {
		in   string
		want time.Duration
		ok   bool
	}{
		{"96d 5h", 96*24*time.Hour + 5*time.Hour, true},
		{"90m", 90 * time.Minute, true},
		{"3d", 72 * time.Hour, true},
		{"", 0, false},
		{"0d", 0, false},
		{"5", 0, false},
		{"d", 0, false},
		{"-2d", 0, false},
		{"2w", 0, false},
		{"99999d", 0, false},
	} {
		t.Run(c.in, func(t *testing.T) {
			got, err := parseAge(c.in)
			if got != c.want || (err == nil) != c.ok {
				t.Errorf("parseAge(%q) = %v, %v", c.in, got, err)
			}
		})
	}
}

func FuzzParseRecords(f *testing.F) {
	f.Add("post: 3d ago by ann\ntitle: x\ntext\n\ntopic: y")
	f.Fuzz(func(t *testing.T, content string) {
		records, err := parseRecords("f", content)
		if err != nil {
			return
		}
		for _, r := range records {
			if r.kind == "" || r.fields[r.kind] == "" || strings.Contains(r.text, "\n") {
				t.Errorf("%+v of %q", r, content)
			}
		}
	})
}

// A mistake in a text file is told with the place and the word that is wrong.
func TestReadNamesTheMistake(t *testing.T) {
	sound := map[string]string{
		"authors.txt":  "ann | Ann Other | creator\n",
		"users.txt":    "ben | Ben Nevis | Soup 3 | ann | 5 | 3d | 1h\n",
		"posts/s.txt":  "category: Soup\nid: 1\nHot.\n\ntopic: broth\nid: 2\nname: Broth\nowner: ann\nsince: 9d\n\npost: 2d ago by ann in broth\ntitle: Leek\nGood.\n",
		"posts/s2.txt": "post: 2d 1h ago by ann\nPlain.\n",
	}
	if _, err := read(mapFS(sound)); err != nil {
		t.Fatalf("the sound files: %v", err)
	}
	for _, c := range []struct{ name, file, old, new, want string }{
		{"unknown author", "posts/s2.txt", "by ann", "by bob", `posts/s2.txt:1: author "bob"`},
		{"unknown topic", "posts/s.txt", "in broth", "in stew", `posts/s.txt:11: topic "stew"`},
		{"unknown key", "posts/s.txt", "title:", "tittle:", `a post has no "tittle"`},
		{"key twice", "posts/s.txt", "title: Leek", "title: Leek\ntitle: Leek", "title is given twice"},
		{"no header", "posts/s2.txt", "post: 2d 1h ago by ann\n", "", "posts/s2.txt:1: a block begins"},
		{"unknown block", "posts/s2.txt", "post:", "video:", `not "video"`},
		{"bad age", "posts/s2.txt", "2d 1h", "2 days", `"2 days"`},
		{"bad post", "posts/s2.txt", " ago by", " by", "is not like"},
		{"bad category id", "posts/s.txt", "id: 1\n", "id: one\n", "posts/s.txt:1: id"},
		{"bad topic id", "posts/s.txt", "id: 2\n", "id: two\n", "posts/s.txt:5: id"},
		{"bad topic owner", "posts/s.txt", "owner: ann", "owner: eve", `owner "eve"`},
		{"author twice", "authors.txt", "ann | Ann Other | creator\n", "ann | A | -\nann | B | -\n", `authors.txt:2: author "ann"`},
		{"columns", "users.txt", " | 1h", "", "users.txt:1: has 6 columns, not 7"},
		{"nameless user", "users.txt", "Ben Nevis", "", `"ben" has no name`},
		{"bad taste", "users.txt", "Soup 3", "Soup 30", `taste "Soup 30"`},
		{"taste of nothing", "users.txt", "Soup 3", "Fish 3", `taste for "Fish"`},
		{"unknown favourite", "users.txt", "| ann |", "| eve |", `favourite "eve"`},
		{"bad count", "users.txt", "| 5 |", "| some |", "events"},
		{"bad visit", "users.txt", "| 3d |", "| long |", "first visit"},
		{"visits backwards", "users.txt", "| 1h", "| 4d", "before the first"},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := maps.Clone(sound)
			broken[c.file] = strings.Replace(broken[c.file], c.old, c.new, 1)
			if broken[c.file] == sound[c.file] {
				t.Fatal("nothing is broken")
			}
			if _, err := read(mapFS(broken)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want it to say %q", err, c.want)
			}
		})
	}
}

func mapFS(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, content := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return fsys
}
