package catalog

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"resonance/internal/sharedtest"
)

func TestTextOrder(t *testing.T) {
	tests := map[string]struct {
		post Post
		want string
	}{
		"nothing": {Post{}, ""},
		"spaces":  {Post{Title: " \n", Genre: "\t", Tags: []string{}, Description: " "}, ""},
		"everything": {
			Post{
				Title: " Title ", Category: &Category{Name: "Cat"}, Topic: &Topic{Name: "Topic"}, Tags: []string{"t1", "t2"},
				Genre: "A/B", Keywords: []string{"k1", "k2"}, Description: "What is seen.",
			},
			"Title. Cat. Topic. t1 t2. A/B. k1, k2. What is seen.",
		},
		"no title":         {Post{Category: &Category{Name: "Cat"}, Description: "Seen"}, "Cat. Seen"},
		"failed analysis":  {Post{Title: "T", Description: "Error generating description: Request timed out.", Genre: "G"}, "T. G"},
		"a failed title":   {Post{Title: "Request timed out"}, "Request timed out"},
		"the machine says": {Post{Title: "T", Description: "I'm sorry, but I can't assist with that."}, "T"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.post.Text(); got != test.want {
				t.Errorf("Text() = %q, want %q", got, test.want)
			}
		})
	}
}

func TestFailedAnalysis(t *testing.T) {
	tests := map[string]bool{ // description: whether it is left out
		"Error generating description: Request timed out.": true,
		"request timeout":                 true,
		"Error generation":                true,
		"Analysis failed: time-out error": true,
		"I'm unable to analyse the video frames directly. However, I can help you.":     true,
		"I’m unable to provide a detailed analysis without access to the audio.":        true,
		"I'm unable to assist with that.":                                               true,
		"I'm sorry, but I can't help with analysing the video frames you've provided":   true,
		"I can't analyse the video content directly or provide specific details":        true,
		"I cannot analyse the specific contents of the video from the provided images.": true,
		"not available": true,
		"The video presents a wave rolling but failing to cross its limit.":   false,
		"In the video, a man says: I'm sorry, don't leave me.":                false,
		"The video shows a trader who learns by trial and error.":             false,
		"I'm sorry, this song is about us":                                    false,
		"I can't stop dancing":                                                false,
		"The video shows a man unable to process his grief.":                  false,
		"Tickets are not available any more, says the singer, and dances on.": false,
		"The video unfolds slowly." + strings.Repeat(" It shows a river.", 90) + " The exact audio duration cannot be processed from it.": false,
	}
	for description, want := range tests {
		post := Post{Description: description}
		if left := post.Text() == ""; left != want {
			t.Errorf("left out: %t, want %t: %.90q", left, want, description)
		}
	}
}

// One in six stored descriptions talks of its own failure, always from its first words on.
func TestFailedAnalysisOnRealDescriptions(t *testing.T) {
	openings := []string{"I'm unable", "I'm sorry", "I can", "Error", "not available"}
	left := 0
	for _, description := range realDescriptions(t) {
		post := Post{Description: description}
		opens := slices.ContainsFunc(openings, func(words string) bool { return strings.HasPrefix(description, words) })
		if post.Text() == "" {
			left++
		}
		if got := post.Text() == ""; got != opens {
			t.Errorf("left out: %t, want %t: %.120q", got, opens, description)
		}
	}
	if left < 150 {
		t.Errorf("only %d descriptions failed", left)
	}
}

func realDescriptions(t *testing.T) (descriptions []string) {
	file, err := os.ReadFile(filepath.Join(sharedtest.Dir(t, "upstream"), "posts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Summary json.RawMessage `json:"post_summary"`
	}
	if err := json.Unmarshal(file, &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		var summary struct{ Description string }
		if json.Unmarshal(row.Summary, &summary) == nil && summary.Description != "" { // else [] or null
			descriptions = append(descriptions, summary.Description)
		}
	}
	return descriptions
}
