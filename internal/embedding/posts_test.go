package embedding_test

import (
	"archive/zip"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resonance/internal/embedding"
	"resonance/internal/embedding/minilm"
	"resonance/internal/embedding/openai"
	"resonance/internal/sharedtest"
)

var (
	_ embedding.Embedder = (*minilm.Model)(nil)
	_ embedding.Embedder = (*openai.Endpoint)(nil)
)

// The vectors of posts were made, as trying recipes showed, of title, category, topic, tags
// with spaces between, genre, keywords with commas between, and description, joined by ". ".
// Every 53rd post is compared: 41 of 2,136.
func TestVectorsOfRealPosts(t *testing.T) {
	want := readVectors(t, filepath.Join(sharedtest.Dir(t, "embeddings"), "posts.npz"))
	posts := readPosts(t, filepath.Join(sharedtest.Dir(t, "upstream"), "posts.json"))
	m, err := minilm.Load()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for i := 0; i < len(posts); i += 53 {
		vectors, err := m.Embed(t.Context(), []string{posts[i].text()})
		if err != nil {
			t.Fatal(err)
		}
		var dot float64
		for j, x := range want[posts[i].ID] {
			dot += float64(x) * float64(vectors[0][j])
		}
		if dot < .999 || dot > 1.001 {
			t.Errorf("post %d: cosine %.5f, want .999 or more", posts[i].ID, dot)
		}
		compared++
	}
	if compared < 40 {
		t.Errorf("only %d posts compared", compared)
	}
}

type post struct {
	ID       int32
	Title    string
	Category optional[struct{ Name string }]
	Topic    optional[struct{ Name string }]
	Tags     []string
	Summary  optional[struct {
		Description, Genre string
		Keywords           []struct{ Keyword string }
	}] `json:"post_summary"`
}

// optional is an object, or [] in place of none.
type optional[T any] struct{ value T }

func (o *optional[T]) UnmarshalJSON(data []byte) error {
	if strings.HasPrefix(string(data), "[") {
		return nil
	}
	return json.Unmarshal(data, &o.value)
}

func (p *post) text() string {
	summary := p.Summary.value
	var keywords []string
	for _, k := range summary.Keywords {
		keywords = append(keywords, k.Keyword)
	}
	var parts []string
	for _, part := range []string{
		p.Title, p.Category.value.Name, p.Topic.value.Name, strings.Join(p.Tags, " "),
		summary.Genre, strings.Join(keywords, ", "), summary.Description,
	} {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ". ")
}

func readPosts(t *testing.T, path string) []post {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var posts []post
	if err := json.Unmarshal(data, &posts); err != nil {
		t.Fatal(err)
	}
	return posts
}

// readVectors reads numpy's ids int32[n] and vectors float16[n, 384].
func readVectors(t *testing.T, path string) map[int32][]float32 {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	array := func(name string) []byte {
		f, err := archive.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		data, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return data[10+binary.LittleEndian.Uint16(data[8:]):] // behind magic, version and header
	}
	ids, halves := array("ids.npy"), array("vectors.npy")
	vectors := map[int32][]float32{}
	for ; len(ids) > 0; ids = ids[4:] {
		v := make([]float32, 384)
		for j := range v {
			v[j] = fromHalf(binary.LittleEndian.Uint16(halves[2*j:]))
		}
		halves = halves[2*384:]
		vectors[int32(binary.LittleEndian.Uint32(ids))] = v
	}
	return vectors
}

// fromHalf widens an IEEE 754 half that is finite.
func fromHalf(h uint16) float32 {
	sign, exponent, mantissa := 1-2*float64(h>>15), int(h>>10&31), float64(h&1023)
	if exponent == 0 {
		return float32(sign * math.Ldexp(mantissa, -24))
	}
	return float32(sign * math.Ldexp(1024+mantissa, exponent-25))
}
