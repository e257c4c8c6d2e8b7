package caller_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/caller"
)

func TestMayUse(t *testing.T) {
	bound := caller.Caller{Projects: []string{"vible", "E/ACC"}}
	for project, want := range map[string]bool{"vible": true, "Vible": true, "e/acc": true, "other": false, "": false} {
		if got := bound.MayUse(project); got != want {
			t.Errorf("a key bound to two projects may use %q: %t", project, got)
		}
		if !(caller.Caller{}).MayUse(project) {
			t.Errorf("a key bound to none may not use %q", project)
		}
	}
}

func TestContext(t *testing.T) {
	if diff := cmp.Diff(caller.Anyone(), caller.Of(context.Background())); diff != "" {
		t.Errorf("of a request without a caller (-want +got):\n%s", diff)
	}
	want := caller.Caller{KeyID: "k1", Projects: []string{"vible"}}
	if diff := cmp.Diff(want, caller.Of(caller.With(context.Background(), want))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
