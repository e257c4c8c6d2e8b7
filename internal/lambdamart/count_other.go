//go:build !amd64

package lambdamart

func available() []kernels { return []kernels{{"portable", portableCount}} }
