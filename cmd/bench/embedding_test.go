package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"resonance/internal/embedding/minilm/weights"
	"resonance/internal/embedding/minilm/wordpiece"
)

func TestTextsHaveAsManyTokensAsItIsSaid(t *testing.T) {
	file, err := os.ReadFile("../../" + modelFile)
	if err != nil {
		t.Fatal(err)
	}
	model, err := weights.Decode(string(file))
	if err != nil {
		t.Fatal(err)
	}
	tokenizer, err := wordpiece.New(model.Vocab)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range queries {
		if n := len(tokenizer.Encode(text, weights.MaxTokens)); n < 8 || n > 16 {
			t.Errorf("%q has %d tokens", text, n)
		}
	}
	seen := map[string]bool{}
	for _, text := range longTexts(embedBatch) {
		if n := len(tokenizer.Encode(text, weights.MaxTokens)); n != weights.MaxTokens || seen[text] {
			t.Errorf("%.40q has %d tokens, seen before: %v", text, n, seen[text])
		}
		seen[text] = true
	}
}

// Sides that give other vectors do other work, and are not compared.
func TestSidesMustEmbedAlike(t *testing.T) {
	b := &bench{work: t.TempDir()}
	for name, test := range map[string]struct{ other, wrong string }{
		"alike":     {"[1,0]", ""},
		"otherwise": {"[0,1]", "differ"},
		"no vector": {"oops", "no vector"},
		"it dies":   {"", "no more"},
	} {
		t.Run(name, func(t *testing.T) {
			sides := []*embedder{echoing(t, b, "[1,0]"), echoing(t, b, test.other)}
			err := sameVectors(sides)
			if test.wrong == "" && err != nil || test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong)) {
				t.Errorf("error %v, want %q", err, test.wrong)
			}
			for _, e := range sides {
				if err := e.close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// echoing starts a process that answers every line with the same one, and ends at once where that is empty.
func echoing(t *testing.T, b *bench, answer string) *embedder {
	t.Helper()
	script := "while read -r line; do echo '" + answer + "'; done"
	if answer == "" {
		script = "exec 0<&- 1>&-"
	}
	e := &embedder{name: answer, command: exec.CommandContext(t.Context(), "sh", "-c", script)}
	if err := b.startEmbedder(e); err != nil {
		t.Fatal(err)
	}
	return e
}
