package synthetic

import (
	"flag"
	"math"
	"os"
	"testing"

	"resonance/internal/demo"
	"resonance/internal/embedding/minilm"
	"resonance/internal/vector"
)

var update = flag.Bool("update", false, "write the embeddings of the demo posts anew")

// The embeddings that posts are mixed of are those of the demo posts; every 40th is compared.
func TestEmbeddingsOfTheDemo(t *testing.T) {
	posts := demo.Load(Now).Posts
	every := 40
	if *update {
		every = 1
	}
	model, err := minilm.Load()
	if err != nil {
		t.Fatal(err)
	}
	var file []byte
	for i := 0; i < len(posts); i += every {
		vectors, err := model.Embed(t.Context(), []string{posts[i].Text()})
		if err != nil {
			t.Fatal(err)
		}
		code := quantised(vectors[0])
		file = append(file, code...)
		if *update {
			continue
		}
		if len(embedded) != len(posts)*Dim {
			t.Fatalf("there are %d bytes for %d posts: run with -update", len(embedded), len(posts))
		}
		if cosine := cosine(vectors[0], embedded[i*Dim:][:Dim]); cosine < .999 {
			t.Errorf("post %d: cosine %.5f, want .999 or more: run with -update", posts[i].ID, cosine)
		}
	}
	if *update {
		if err := os.WriteFile("demo.int8", file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// quantised returns v as signed bytes, the largest component 127.
func quantised(v []float32) []byte {
	var largest float64
	for _, x := range v {
		largest = max(largest, math.Abs(float64(x)))
	}
	code := make([]byte, len(v))
	for i, x := range v {
		code[i] = byte(int8(math.Round(float64(x) / largest * 127)))
	}
	return code
}

func cosine(v []float32, code string) float64 {
	w := make([]float32, len(v))
	for i := range w {
		w[i] = float32(int8(code[i]))
	}
	vector.Normalise(w)
	return float64(vector.Dot(v, w))
}
