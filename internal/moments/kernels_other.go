//go:build !amd64

package moments

func available() []kernels { return []kernels{portable()} }
