package graph_test

import (
	"encoding/json"
	"net/http/httptest"
	"testing"
)

// BenchmarkFeed answers a feed of ten posts with every field, without the work of making it.
func BenchmarkFeed(b *testing.B) {
	w := newWorld()
	for i := range 10 {
		w.posts[i] = fullPost()
	}
	handler := newHandler(w)
	body, err := json.Marshal(map[string]string{"query": `{ feed(username: "ann") ` + everyField(schema(), "Post") + `}`})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, post(string(body)))
		if recorder.Code != 200 {
			b.Fatal(recorder.Body)
		}
	}
}
