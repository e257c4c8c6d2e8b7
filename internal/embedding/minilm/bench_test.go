//go:build unix

package minilm

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"resonance/internal/embedding/minilm/weights"
)

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		loadModel(b, fastest())
	}
}

// BenchmarkEmbed embeds texts of one length, as many at once as there are processors.
func BenchmarkEmbed(b *testing.B) {
	m := loadModel(b, fastest())
	for _, texts := range []int{1, 2, 8} {
		for _, tokens := range []int{8, 16, 64, 256} {
			b.Run(fmt.Sprintf("texts=%d/tokens=%d", texts, tokens), func(b *testing.B) {
				all := slices.Repeat([]string{strings.Repeat("word ", tokens-2)}, texts)
				b.ReportAllocs()
				start := processorTime(b)
				for b.Loop() {
					embed(b, m, all...)
				}
				n := float64(texts * b.N)
				b.ReportMetric((processorTime(b)-start).Seconds()*1e3/n, "cpu-ms/text")
				b.ReportMetric(n/b.Elapsed().Seconds(), "texts/s")
			})
		}
	}
}

// processorTime is what the process has had of all processors; others' work counts little in it.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkApply multiplies tokens with the matrices of a layer, few as they are stored, many
// dequantised first.
func BenchmarkApply(b *testing.B) {
	for _, k := range available() {
		for _, tokens := range []int{8, 128} {
			for _, shape := range []struct{ inputs, outputs int }{{hidden, hidden}, {hidden, intermediate}, {intermediate, hidden}} {
				b.Run(fmt.Sprintf("%s/%d tokens/%dx%d", k.name, tokens, shape.inputs, shape.outputs), func(b *testing.B) {
					w := loadModel(b, k).gather(1).workers[0]
					l := linear{weight: randomCodes(shape.inputs, shape.outputs), bias: make([]float32, shape.outputs)}
					x, dst := random(tokens, shape.inputs), newMatrix(tokens, shape.outputs)
					for b.Loop() {
						l.apply(k, w, dst, x)
					}
					b.ReportMetric(2e-9*float64(tokens*shape.inputs*shape.outputs*b.N)/b.Elapsed().Seconds(), "GFLOPS")
				})
			}
		}
	}
}

// BenchmarkPointwise passes over the numbers of a tile in the wide middle of a layer, of a head's
// scores and of a tile's states.
func BenchmarkPointwise(b *testing.B) {
	for _, k := range available() {
		norm := weights.Norm{Scale: make([]float32, hidden), Shift: make([]float32, hidden)}
		wide, narrow := random(128, intermediate), random(128, hidden)
		for name, pass := range map[string]func(i int){
			"gelu":    func(i int) { k.gelu(wide.row(i)) },
			"softmax": func(i int) { k.softmax(wide.row(i)[:256], scoreScale) },
			"addNorm": func(i int) { k.addNorm(narrow.row(i), narrow.row(i), norm) },
		} {
			b.Run(k.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					for i := range 128 {
						pass(i)
					}
				}
			})
		}
	}
}
