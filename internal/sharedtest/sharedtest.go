// Package sharedtest finds the real rows that tests compare against.
//
// They live in ../shared beside the checkout and are never part of it, so a bare clone
// skips the tests that need them. Where RESONANCE_SHARED is "required", as in CI, their
// absence fails those tests instead.
package sharedtest

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Dir returns the path of the folder name inside ../shared, for instance Dir(t, "upstream").
// It skips the test, or fails it where the rows are required, when the folder is absent.
func Dir(t testing.TB, name string) string {
	t.Helper()
	_, self, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("sharedtest: cannot tell where its source file is")
	}
	dir := filepath.Join(filepath.Dir(self), "..", "..", "..", "shared", name)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if os.Getenv("RESONANCE_SHARED") == "required" {
		t.Fatalf("RESONANCE_SHARED=required, but ../shared/%s does not exist", name)
	}
	t.Skipf("needs ../shared/%s beside the checkout", name)
	return ""
}
