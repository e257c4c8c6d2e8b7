package minilm

import (
	"fmt"
	"strings"
	"testing"
)

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		loadModel(b, fastest())
	}
}

// BenchmarkEmbed embeds one text for each worker, all at once.
func BenchmarkEmbed(b *testing.B) {
	m := loadModel(b, fastest())
	for _, workers := range []int{1, 2} {
		for _, tokens := range []int{8, 16, 64, 256} {
			b.Run(fmt.Sprintf("workers=%d/tokens=%d", workers, tokens), func(b *testing.B) {
				texts := make([]string, workers)
				for i := range texts {
					texts[i] = strings.Repeat("word ", tokens-2)
				}
				limited := m.WithWorkers(workers)
				b.ReportAllocs()
				for b.Loop() {
					embed(b, limited, texts...)
				}
				b.ReportMetric(float64(workers*b.N)/b.Elapsed().Seconds(), "texts/s")
			})
		}
	}
}

// BenchmarkMatmul multiplies a tile of tokens with the shapes of a layer: the feed-forward
// matrices, a head's scores, and what it gathers by them.
func BenchmarkMatmul(b *testing.B) {
	for name, k := range map[string]kernels{"pure": pureKernels(), "fastest": fastest()} {
		for _, s := range []struct{ inner, outputs int }{
			{hidden, intermediate}, {intermediate, hidden}, {headWidth, 256}, {256, headWidth},
		} {
			b.Run(fmt.Sprintf("%s/%dx%d", name, s.inner, s.outputs), func(b *testing.B) {
				x, w, dst := random(tile, s.inner), random(s.outputs, s.inner), newMatrix(tile, s.outputs)
				for b.Loop() {
					k.matmul(dst, x, w)
				}
				b.ReportMetric(2e-9*float64(tile*s.inner*s.outputs*b.N)/b.Elapsed().Seconds(), "GFLOPS")
			})
		}
	}
}
