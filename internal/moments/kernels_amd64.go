package moments

import "golang.org/x/sys/cpu"

//go:generate go run ./asm -out avx_amd64.s -stubs avx_amd64.go -pkg moments

// available returns the kernels that this processor can run, the fastest first.
func available() []kernels {
	if !cpu.X86.HasAVX2 {
		return []kernels{portable()}
	}
	return []kernels{{
		name: "AVX2",
		sums: func(values []float64) (sums [lanes]float64) {
			sumsAVX2(&sums, &values[0], len(values))
			return sums
		},
		squares: func(values []float64, mean float64) (sums [lanes]float64) {
			squaresAVX2(&sums, &values[0], len(values), mean)
			return sums
		},
		addStandardised: func(out, values []float64, mean, inverse, weight float64) {
			_ = out[len(values)-1]
			addStandardisedAVX2(&out[0], &values[0], len(values), mean, inverse, weight)
		},
		addNear: func(out, values []float64, at, scale, weight float64) {
			_ = out[len(values)-1]
			addNearAVX2(&out[0], &values[0], len(values), at, scale, weight)
		},
	}, portable()}
}
