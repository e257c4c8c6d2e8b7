package catalog

import (
	"errors"
	"strings"
	"testing"

	"resonance/internal/errs"
)

// A counter that no screen can show would drown every other in the totals.
func TestCountersAreBounded(t *testing.T) {
	for _, text := range []string{`"comment_count": -5`, `"upvote_count": 9223372036854775807`, `"view_count": 2147483648`} {
		var p Post
		key := strings.Split(text, `"`)[1]
		if err := p.UnmarshalJSON([]byte(`{"id": 1, ` + text + `}`)); !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v, want errs.Invalid and the key named", text, err)
		}
	}
}

// An empty topic is none, and does not take the post out of its category's project.
func TestEmptyTopicIsNone(t *testing.T) {
	var p Post
	if err := p.UnmarshalJSON([]byte(`{"id": 1, "category": "Vible", "topic": {}}`)); err != nil || p.Topic != nil || p.Project() != "vible" {
		t.Errorf("topic %v, project %q, %v", p.Topic, p.Project(), err)
	}
}
