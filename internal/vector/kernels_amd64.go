package vector

import (
	"golang.org/x/sys/cpu"

	"resonance/internal/catalog"
)

//go:generate go run ./asm -out avx_amd64.s -stubs avx_amd64.go -pkg vector

// available returns the kernels that this processor can run, the fastest first.
func available() []kernels {
	all := []kernels{portable()}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasPOPCNT {
		all = append([]kernels{assembled("AVX2", dotAVX2, scanPOPCNT)}, all...)
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VPOPCNTDQ {
		wide := assembled("AVX-512", dotAVX512, scanVPOPCNT)
		wide.fourDots = func(dots *[4]float32, vectors *[4][]float32, v []float32) {
			var starts [4]*float32
			for i, q := range vectors {
				_ = q[len(v)-1]
				starts[i] = &q[0]
			}
			fourDotsAVX512(dots, &starts, &v[0], len(v)&^63)
		}
		all = append([]kernels{wide}, all...)
	}
	return all
}

// longestScan is how many codes one call scans: it can't be preempted, and takes some microseconds.
const longestScan = 4096

// assembled puts bounds checks around functions that ./asm has written.
func assembled(
	name string,
	dot func(a, b *float32, n int) float32,
	scan func(distances *uint16, query, codes *uint64, places *int32, n int),
) kernels {
	return kernels{
		name: name,
		dot: func(a, b []float32) float32 {
			_ = b[len(a)-1]
			return dot(&a[0], &b[0], len(a)&^63)
		},
		addScaled: func(sum []float32, scale float32, v []float32) {
			_ = sum[len(v)-1]
			addScaledAVX2(&sum[0], scale, &v[0], len(v)&^31)
		},
		scan: func(distances []uint16, query, codes []uint64, ordinals []catalog.Ordinal) {
			if len(query) != 384/64 {
				portableScan(distances, query, codes, ordinals)
				return
			}
			last := catalog.Ordinal(len(codes)/len(query) - 1)
			for len(ordinals) > 0 {
				n := min(len(ordinals), longestScan)
				for _, o := range ordinals[:n] {
					if o < 0 || o > last {
						panic("vector: scan of a code that does not exist")
					}
				}
				scan(&distances[:n][0], &query[0], &codes[0], (*int32)(&ordinals[0]), n)
				distances, ordinals = distances[n:], ordinals[n:]
			}
		},
	}
}
