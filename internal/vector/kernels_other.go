//go:build !amd64

package vector

// available returns the kernels that this processor can run, the fastest first.
func available() []kernels { return []kernels{portable()} }
