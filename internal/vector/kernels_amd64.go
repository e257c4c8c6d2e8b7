package vector

import (
	"golang.org/x/sys/cpu"

	"resonance/internal/catalog"
)

//go:generate go run ./asm -out avx_amd64.s -stubs avx_amd64.go -pkg vector

// available returns the kernels that this processor can run, the fastest first.
func available() []kernels {
	all := []kernels{portable()}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		all = append([]kernels{assembled("AVX2", dotAVX2, scanAVX2)}, all...)
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VPOPCNTDQ {
		wide := assembled("AVX-512", dotAVX512, scanAVX512)
		wide.fourDotBytes = func(dots *[4]int32, queries []int16, v []int8) {
			_ = queries[4*len(v)-1]
			fourDotBytesAVX512(dots, &queries[0], &v[0], len(v)&^63)
		}
		wide.cosines = cosinesOver(wide.fourDotBytes)
		if cpu.X86.HasAVX512VNNI {
			byRows := wide.cosines
			wide.cosines = func(cosines []float32, p *Probe, rows []int8, scales []float32, posts []catalog.Ordinal) {
				if p.dim != 384 {
					byRows(cosines, p, rows, scales, posts)
					return
				}
				_, _, _ = cosines[4*len(posts)-1], rows[chunk*384-1], scales[chunk-1]
				cosinesVNNI(&cosines[0], &rows[0], &scales[0], (*int32)(&posts[0]), len(posts), &p.codes[0], &p.excess, &p.scales)
			}
		}
		all = append([]kernels{wide}, all...)
	}
	return all
}

// cosinesOver returns the kernel that compares one embedding after the other.
func cosinesOver(products func(*[4]int32, []int16, []int8)) func([]float32, *Probe, []int8, []float32, []catalog.Ordinal) {
	return func(cosines []float32, p *Probe, rows []int8, scales []float32, posts []catalog.Ordinal) {
		cosinesBy(products, cosines, p, rows, scales, posts)
	}
}

// longestScan is how many blocks of codes, or rows, one call goes through: it can't be preempted, and takes some microseconds.
const longestScan = 512

// assembled puts bounds checks around functions that ./asm has written.
func assembled(
	name string,
	dot func(a, b *float32, n int) float32,
	scan func(near *uint8, distances *uint16, query, codes *uint64, bound uint64, blocks int),
) kernels {
	products := func(dots *[4]int32, queries []int16, v []int8) {
		_ = queries[4*len(v)-1]
		fourDotBytesAVX2(dots, &queries[0], &v[0], len(v)&^63)
	}
	return kernels{
		name: name, fourDotBytes: products, cosines: cosinesOver(products),
		dot: func(a, b []float32) float32 {
			_ = b[len(a)-1]
			return dot(&a[0], &b[0], len(a)&^63)
		},
		addScaled: func(sum []float32, scale float32, v []float32) {
			_ = sum[len(v)-1]
			addScaledAVX2(&sum[0], scale, &v[0], len(v)&^31)
		},
		dotBytes: func(a, b []int8) int32 {
			_ = b[len(a)-1]
			return dotBytesAVX2(&a[0], &b[0], len(a)&^63)
		},
		scaled: func(out []float32, v []int8, scale float32) {
			_ = out[len(v)-1]
			scaledAVX2(&out[0], &v[0], scale, len(v)&^63)
		},
		prefetch: func(v []int8) { prefetchLines(&v[0], len(v)) },
		largest:  func(v []float32) uint32 { return largestAVX2(&v[0], len(v)&^63) },
		rounded: func(out []int8, v []float32, factor float32) {
			_ = out[len(v)-1]
			roundedAVX2(&out[0], &v[0], factor, len(v)&^63)
		},
		signs: func(code []uint64, v []float32) {
			_ = v[64*len(code)-1]
			signsAVX2(&code[0], &v[0], 64*len(code))
		},
		dotRows: func(out []float64, rows []float32, places []int32, v []float64) {
			_ = out[len(places)-1]
			for len(places) > 0 {
				n := min(len(places), longestScan)
				dotRowsAVX2(&out[0], &rows[0], len(rows)/len(v), &places[0], n, &v[0], len(v)&^3)
				out, places = out[n:], places[n:]
			}
		},
		scan: func(near []uint8, distances []uint16, query sketch, codes []uint64, bound int) {
			const words = 384 / 64
			if len(query) != 3*words {
				portableScan(near, distances, query, codes, bound)
				return
			}
			for len(near) > 0 {
				n := min(len(near), longestScan)
				_, _ = distances[n*lanes-1], codes[n*lanes*words-1]
				scan(&near[0], &distances[0], &query[0], &codes[0], uint64(bound), n)
				near, distances, codes = near[n:], distances[n*lanes:], codes[n*lanes*words:]
			}
		},
	}
}
