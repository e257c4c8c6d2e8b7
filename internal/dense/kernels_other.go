//go:build !amd64

package dense

func available() []kernels { return []kernels{portable()} }
