package embedding

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lengths embeds a text as its length, and remembers what it was asked for.
type lengths struct {
	asked  []string
	broken error
}

func (l *lengths) Model() string { return "lengths" }
func (l *lengths) Dim() int      { return 1 }

func (l *lengths) Embed(_ context.Context, texts []string) ([][]float32, error) {
	if l.broken != nil {
		return nil, l.broken
	}
	l.asked = append(l.asked, texts...)
	return [][]float32{{float32(len(texts[0]))}}, nil
}

func TestQueriesEmbedATextOnce(t *testing.T) {
	e := &lengths{broken: errors.New("down")}
	q, err := NewQueries(1<<20, e)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if _, err := q.Embed(t.Context(), "cats"); !errors.Is(err, e.broken) {
		t.Errorf("error %v, want the embedder's", err)
	}
	e.broken = nil
	for _, text := range []string{"cats", "otters", "cats", "cats", ""} {
		v, err := q.Embed(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]float32{float32(len(text))}, v); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
		q.vectors.Wait()
	}
	if diff := cmp.Diff([]string{"cats", "otters", ""}, e.asked); diff != "" {
		t.Errorf("texts embedded (-want +got):\n%s", diff)
	}
}
