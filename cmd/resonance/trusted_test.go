package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestTrustedDocuments(t *testing.T) {
	documents := folder(t, map[string]string{"topics.graphql": "{ topics { name } }\n"})
	s := start(t, settings(t, "TRUSTED_DOCUMENTS="+documents))
	if status, answer := s.ask("POST", "/graphql", "", `{"query": "{ topics { name } }"}`); status != http.StatusOK || strings.Contains(answer, "errors") {
		t.Errorf("a trusted document: %d %s", status, answer)
	}
	if status, answer := s.ask("POST", "/graphql", "", `{"query": "{ topics { id } }"}`); status != http.StatusForbidden {
		t.Errorf("another document: %d %s", status, answer)
	}
	for _, wrong := range []string{"/does/not/exist", folder(t, map[string]string{"wrong.graphql": "{ nothing }"})} {
		_, err := command(t, settings(t, "TRUSTED_DOCUMENTS="+wrong), "", "serve")
		if err == nil || !strings.Contains(err.Error(), "TRUSTED_DOCUMENTS") {
			t.Errorf("%s: error is %v", wrong, err)
		}
	}
}
