package collab_test

import (
	"errors"
	"testing"

	"resonance/internal/collab"
	"resonance/internal/errs"
)

func TestRowsAreChecked(t *testing.T) {
	tests := []struct {
		name string
		row  []collab.Touch
		ok   bool
	}{
		{"empty", nil, true},
		{"by time, then item", []collab.Touch{{Item: 2, At: -5}, {Item: 0, At: 1}, {Item: 1, At: 1}}, true},
		{"backwards in time", []collab.Touch{{Item: 0, At: 2}, {Item: 1, At: 1}}, false},
		{"backwards in a tie", []collab.Touch{{Item: 1, At: 1}, {Item: 0, At: 1}}, false},
		{"twice", []collab.Touch{{Item: 1, At: 1}, {Item: 1, At: 2}}, false},
		{"past the items", []collab.Touch{{Item: 3, At: 1}}, false},
		{"negative", []collab.Touch{{Item: -1, At: 1}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := collab.NewData(3, [][]collab.Touch{tt.row})
			if ok := err == nil; ok != tt.ok || !ok && (!errors.Is(err, errs.Invalid) || d != nil) {
				t.Errorf("NewData: %v, want accepted %v", err, tt.ok)
			}
		})
	}
}
