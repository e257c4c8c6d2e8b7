package minilm

import "github.com/viterin/vek/vek32"

// vekKernels use AVX2 and FMA through vek, and must not run where vekAccelerated is false.
func vekKernels() kernels { return kernels{matmul: vekMatmul, exp: vekExp} }

// vekAccelerated says whether vek has assembly for this processor.
func vekAccelerated() bool { return vek32.Info().Acceleration }

func vekMatmul(dst, x, w matrix) {
	block := blockRows(w)
	for from := 0; from < w.rows; from += block {
		to := min(from+block, w.rows)
		for i := range x.rows {
			in, out := x.row(i), dst.row(i)
			for j := from; j < to; j++ {
				out[j] = vek32.Dot(in, w.row(j))
			}
		}
	}
}

// vekExp keeps away from the numbers between -104 and -87, for which vek's Exp returns garbage.
func vekExp(x []float32) {
	vek32.MaximumNumber_Inplace(x, -87)
	vek32.Exp_Inplace(x)
}
