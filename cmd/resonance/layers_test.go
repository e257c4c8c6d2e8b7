package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rooms are the packages of the project from the door inwards: each may import those below it.
// docs/design.md draws the same picture.
var rooms = []string{
	"cmd/resonance",
	"internal/synthetic",
	"graph", "graph/model", "internal/rest", "internal/web", "internal/console",
	"internal/evaluate", "internal/feedlog", "internal/live",
	"internal/recommend", "internal/teach", "internal/replica", "internal/learn", "internal/evaluate/protocol",
	"internal/rerank", "internal/rank", "internal/candidate", "internal/signal", "internal/profile",
	"internal/collab", "internal/metric", "internal/moments", "internal/vector",
	"internal/ingest", "internal/transfer", "internal/upstream", "internal/demo",
	"internal/lease", "internal/store/sqlite", "internal/store",
	"internal/embedding/minilm", "internal/embedding/openai", "internal/embedding",
	"internal/cursor", "internal/interaction", "internal/config", "internal/caller", "internal/catalog", "internal/errs",
}

// frameworks are what only the doors may know.
var frameworks = []string{"99designs/gqlgen", "vektah/gqlparser", "danielgtaylor/huma", "go-chi/chi"}

// Imports point down the list of rooms, and only the doors know a web framework.
func TestImportsPointInward(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "resonance/...").Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		from := slices.Index(rooms, strings.TrimPrefix(fields[0], "resonance/"))
		for _, imported := range fields[1:] {
			to := slices.Index(rooms, strings.TrimPrefix(imported, "resonance/"))
			if from >= 0 && to >= 0 && to < from {
				t.Errorf("%s imports %s, which stands above it", fields[0], imported)
			}
			if from > slices.Index(rooms, "internal/console") && slices.ContainsFunc(frameworks, func(f string) bool { return strings.Contains(imported, f) }) {
				t.Errorf("%s imports %s, which is for the doors", fields[0], imported)
			}
		}
	}
}
