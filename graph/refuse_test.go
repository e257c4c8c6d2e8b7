package graph_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"resonance/graph"
)

// What the server around the door refuses is told in the door's language.
func TestRefusalsSpeakGraphQL(t *testing.T) {
	for status, code := range map[int]string{
		http.StatusTooManyRequests: "RATE_LIMITED", http.StatusServiceUnavailable: "UNAVAILABLE",
		http.StatusInternalServerError: "INTERNAL", http.StatusRequestEntityTooLarge: "BAD_REQUEST",
	} {
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { graph.Refuse(w, r, status, "because") })
		r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
		r.Header.Set("Accept", "application/graphql-response+json")
		got := send(t, handler, r)
		if got.Status != status || got.code(t) != code || got.Errors[0].Message != "because" || got.Data != nil ||
			got.Header.Get("Content-Type") != "application/graphql-response+json; charset=utf-8" {
			t.Errorf("%d: %v %s", status, got.Header, got.Body)
		}
	}
}
