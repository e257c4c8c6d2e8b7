package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkRecordOverHTTP records one interaction a request, acknowledged when it is on disk,
// over as many connections as the name says. The clients take their share of the processors.
func BenchmarkRecordOverHTTP(b *testing.B) {
	for _, door := range []struct{ name, path, body string }{
		{"GraphQL", "/graphql", `{"query":"mutation ($input: RecordInteractionInput!) { recordInteraction(input: $input) { duplicate } }",` +
			`"variables":{"input":{"username":"u%d","postId":%d,"kind":"VIEW","idempotencyKey":"k%d"}}}`},
		{"REST", "/interactions", `{"username":"u%d","post_id":%d,"kind":"view","idempotency_key":"k%d"}`},
	} {
		for _, connections := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s %d", door.name, connections), func(b *testing.B) {
				url := startForBench(b)
				client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
				var next atomic.Int64
				var wg sync.WaitGroup
				waits := make([]time.Duration, b.N)
				b.ResetTimer()
				for range connections {
					wg.Go(func() {
						for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
							began := time.Now()
							response, err := client.Post(url+door.path, "application/json", strings.NewReader(fmt.Sprintf(door.body, n%1000, 1+n%300, n)))
							if err != nil {
								b.Error(err)
								return
							}
							answer, err := io.ReadAll(response.Body)
							response.Body.Close()
							if waits[n-1] = time.Since(began); err != nil || response.StatusCode != http.StatusOK || strings.Contains(string(answer), "errors") {
								b.Errorf("%d %s %v", response.StatusCode, answer, err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.StopTimer()
				slices.Sort(waits)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
				b.ReportMetric(waits[len(waits)/2].Seconds()*1e3, "p50-ms")
				b.ReportMetric(waits[len(waits)*99/100].Seconds()*1e3, "p99-ms")
			})
		}
	}
}

// startForBench runs serve on 300 posts without texts and returns its address.
func startForBench(b *testing.B) string {
	environ := settings(b, "LOG_LEVEL=warn")
	must(b, environ, "import", folder(b, map[string]string{"posts.jsonl": wordless(300)}))
	return start(b, environ).url
}
