package demo

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resonance/internal/sharedtest"
)

func TestTextsReadLikePeople(t *testing.T) {
	posts := Load(created).Posts
	titles, texts, openings, untitled := map[string]int64{}, map[string]int64{}, map[string]int{}, 0
	for _, p := range posts {
		if p.Title == "" {
			untitled++
		} else if words := len(strings.Fields(p.Title)); words < 3 || words > 12 {
			t.Errorf("post %d: the title %q has %d words, want 3..12", p.ID, p.Title, words)
		}
		if title := strings.ToLower(p.Title); title != "" && titles[title] != 0 {
			t.Errorf("posts %d and %d are both called %q", titles[title], p.ID, p.Title)
		}
		titles[strings.ToLower(p.Title)] = p.ID
		words := strings.Fields(p.Description)
		if len(words) < 25 || len(words) > 70 {
			t.Errorf("post %d: %d words in %q, want 25..70", p.ID, len(words), p.Description)
		}
		if len(p.Keywords) < 3 || len(p.Keywords) > 6 {
			t.Errorf("post %d: keywords %q, want 3..6", p.ID, p.Keywords)
		}
		if texts[p.Description] != 0 {
			t.Errorf("posts %d and %d say the same", texts[p.Description], p.ID)
		}
		texts[p.Description] = p.ID
		openings[strings.Join(words[:2], " ")]++
		if !strings.Contains(p.Text(), p.Description) {
			t.Errorf("post %d: its description would not be embedded", p.ID)
		}
	}
	if untitled < 5 || untitled > 20 {
		t.Errorf("%d posts have no title, want a handful", untitled)
	}
	for opening, n := range openings {
		if n > 6 {
			t.Errorf("%d descriptions begin with %q", n, opening)
		}
	}
}

// A template shows as the same run of words in several posts.
func TestNoPhraseIsRepeated(t *testing.T) {
	const run = 6
	first := map[string]int64{}
	for _, p := range Load(created).Posts {
		words := strings.Fields(strings.ToLower(p.Description))
		for i := 0; i+run <= len(words); i++ {
			phrase := strings.Join(words[i:i+run], " ")
			if other, ok := first[phrase]; ok && other != p.ID {
				t.Errorf("posts %d and %d both say %q", other, p.ID, phrase)
			}
			first[phrase] = p.ID
		}
	}
}

func TestNoTextIsUpstreams(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(sharedtest.Dir(t, "upstream"), "posts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Title    string `json:"title"`
		Username string `json:"username"`
	}
	if err := json.Unmarshal(b, &rows); err != nil {
		t.Fatal(err)
	}
	theirs := map[string]bool{}
	for _, row := range rows {
		theirs[strings.ToLower(strings.TrimSpace(row.Title))] = true
		theirs[row.Username] = true
	}
	delete(theirs, "")
	if len(theirs) < 500 {
		t.Fatalf("%d texts of upstream to compare with, want hundreds", len(theirs))
	}
	for _, p := range Load(created).Posts {
		if theirs[strings.ToLower(p.Title)] || theirs[p.Owner.Username] {
			t.Errorf("post %d, %q by %s, is also upstream's", p.ID, p.Title, p.Owner.Username)
		}
	}
}
