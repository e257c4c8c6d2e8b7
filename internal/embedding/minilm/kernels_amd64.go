package minilm

import (
	"golang.org/x/sys/cpu"

	"resonance/internal/embedding/minilm/weights"
)

//go:generate go run ./asm -out avx_amd64.s -stubs avx_amd64.go -pkg minilm

// available returns the kernels that this processor can run, the fastest first.
func available() []kernels {
	all := []kernels{portable()}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		all = append([]kernels{assembled(assembly{
			name: "AVX2", rows: 6, cols: 16, direct: 18,
			multiply: multiplyAVX2, multiplyCodes: multiplyCodesAVX2, dequantise: dequantiseAVX2,
			softmax: softmaxAVX2, gelu: geluAVX2, addNorm: addNormAVX2,
		})}, all...)
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ {
		all = append([]kernels{assembled(assembly{
			name: "AVX-512", rows: 12, cols: 32, direct: 36,
			multiply: multiplyAVX512, multiplyCodes: multiplyCodesAVX512, dequantise: dequantiseAVX512,
			softmax: softmaxAVX512, gelu: geluAVX512, addNorm: addNormAVX512,
		})}, all...)
	}
	return all
}

// assembly is a set of functions that ./asm has written; see avx_amd64.go.
type assembly struct {
	name               string
	rows, cols, direct int

	multiply      func(dst *float32, dstStride int, x *float32, xStride int, w *float32, wStride, wGap int, bias *float32, rows, inner int)
	multiplyCodes func(dst *float32, dstStride int, x *float32, xStride int, codes *int8, scales, bias *float32, rows, inner int)
	dequantise    func(w *float32, codes *int8, scales *float32, inner int)
	softmax       func(x *float32, n int, scale float32)
	gelu          func(x *float32, n int)
	addNorm       func(x, y, scale, shift *float32, n int)
}

// assembled puts bounds checks around a's functions, which have none: a wrong shape panics instead
// of touching other memory.
func assembled(a assembly) kernels {
	return kernels{
		name: a.name, rows: a.rows, cols: a.cols, direct: a.direct,
		multiply: func(dst, x matrix, w panel, bias []float32) {
			checkBlock(a, dst, x, bias)
			_ = w.data[(x.cols-1)*w.stride+(a.cols/strip-1)*w.gap+strip-1]
			a.multiply(&dst.data[0], dst.stride, &x.data[0], x.stride, &w.data[0], w.stride, w.gap, &bias[0], x.rows, x.cols)
		},
		multiplyCodes: func(dst, x matrix, w codes, bias []float32) {
			checkBlock(a, dst, x, bias)
			_, _ = w.codes[x.cols*a.cols-1], w.scales[x.cols/weights.Group*a.cols-1]
			a.multiplyCodes(&dst.data[0], dst.stride, &x.data[0], x.stride, &w.codes[0], &w.scales[0], &bias[0], x.rows, x.cols)
		},
		dequantise: func(dst panel, w codes) {
			for from := 0; from < w.outputs; from += strip {
				part := w.from(from, from+strip)
				out := dst.data[from/strip*dst.gap:][:w.inputs*strip]
				a.dequantise(&out[0], &part.codes[0], &part.scales[0], w.inputs)
			}
		},
		softmax: func(scores []float32, scale float32) {
			a.softmax(&scores[0], strips(len(scores)), scale)
		},
		gelu: func(x []float32) { a.gelu(&x[0], strips(len(x))) },
		addNorm: func(x, y []float32, n weights.Norm) {
			last := len(x) - 1
			_, _, _ = y[last], n.Scale[last], n.Shift[last]
			a.addNorm(&x[0], &y[0], &n.Scale[0], &n.Shift[0], strips(len(x)))
		},
	}
}

func checkBlock(a assembly, dst, x matrix, bias []float32) {
	if x.rows < 1 || x.rows > a.rows || x.cols < 1 || dst.rows != x.rows || dst.cols != a.cols || len(bias) < a.cols {
		panic("minilm: not a block of " + a.name)
	}
	_, _ = dst.row(dst.rows-1), x.row(x.rows-1)
}

// strips returns n, which must be a multiple of 16.
func strips(n int) int {
	if n%strip != 0 {
		panic("minilm: not whole strips")
	}
	return n
}
