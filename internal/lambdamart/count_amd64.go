package lambdamart

import "golang.org/x/sys/cpu"

//go:generate go run ./asm -out avx_amd64.s -stubs avx_amd64.go -pkg lambdamart

// available returns the kernels that this processor can run, the fastest first.
func available() []kernels {
	all := []kernels{{"portable", portableCount}}
	if cpu.X86.HasAVX2 {
		all = append([]kernels{{"AVX2", countAVX2}}, all...)
	}
	return all
}

// longest is how many rows one call goes through: it can't be preempted, and takes some microseconds.
const longest = 256

func countAVX2(cells [][bins]cell, sum *cell, binned []uint8, slopes []slope, rows []int32) {
	_ = binned[len(slopes)*len(cells)-1]
	for _, row := range rows {
		_ = slopes[row]
	}
	for len(rows) > 0 {
		n := min(len(rows), longest)
		addRowsAVX2(&cells[0][0].lambda, &sum.lambda, &binned[0], len(cells), &slopes[0].lambda, &rows[0], n)
		rows = rows[n:]
	}
}
