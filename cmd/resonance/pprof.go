//go:build pprof

package main

import (
	"fmt"
	"net/http"
	_ "net/http/pprof" // what the tag is for
	"os"
	"time"
)

// Built with the tag pprof, the program answers net/http/pprof on PPROF_ADDR: for the bench, in no release.
func init() {
	server := &http.Server{Addr: os.Getenv("PPROF_ADDR"), ReadHeaderTimeout: 5 * time.Second}
	go func() { fmt.Fprintln(os.Stderr, "pprof:", server.ListenAndServe()) }()
}
