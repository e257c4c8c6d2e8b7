package replica

import (
	"context"

	"resonance/internal/catalog"
	"resonance/internal/learn"
)

// Past returns what there is to learn from, all embeddings read. It is valid as long as the view.
func (v View) Past(ctx context.Context) (learn.Past, error) {
	ordinals := make([]catalog.Ordinal, 0, v.Vectors.Len())
	for o := range catalog.Ordinal(v.Catalog.Cap()) {
		if v.Vectors.Version(o) != 0 && !v.Catalog.Entry(o).Gone {
			ordinals = append(ordinals, o)
		}
	}
	embeddings, err := v.Embeddings(ctx, ordinals)
	if err != nil {
		return learn.Past{}, err
	}
	vectors := make([][]float32, v.Catalog.Cap())
	for i, o := range ordinals {
		vectors[o] = embeddings[i]
	}
	return learn.Past{
		Catalog: v.Catalog, Log: v.Log,
		Vector: func(o catalog.Ordinal) []float32 { return vectors[o] },
	}, nil
}

// Embedded returns of how many posts that may be shown there is an embedding to learn from.
func (v View) Embedded() (n int) {
	for o := range catalog.Ordinal(v.Catalog.Cap()) {
		if v.Vectors.Version(o) != 0 && v.Catalog.Entry(o).Eligible() {
			n++
		}
	}
	return n
}
