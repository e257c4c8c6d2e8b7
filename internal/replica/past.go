package replica

import (
	"resonance/internal/catalog"
	"resonance/internal/learn"
)

// Past returns what there is to learn from. It is valid as long as the view.
func (v View) Past() learn.Past {
	return learn.Past{Catalog: v.Catalog, Log: v.Log, Embeddings: v.Vectors}
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
