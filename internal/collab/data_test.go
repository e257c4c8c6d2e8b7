package collab_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

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
			empty := sequences(t, 3)
			if _, err := empty.With(3, map[int32][]collab.Touch{0: tt.row}); (err == nil) != tt.ok {
				t.Errorf("With: %v, want accepted %v", err, tt.ok)
			}
		})
	}
}

func TestWith(t *testing.T) {
	d := sequences(t, 2, []int32{0}, []int32{1, 0})
	next, err := d.With(5, map[int32][]collab.Touch{1: nil, 3: {{Item: 4, At: 9}}})
	if err != nil {
		t.Fatal(err)
	}
	rows := func(d *collab.Data) (rows [][]collab.Touch) {
		for u := range d.Users() {
			rows = append(rows, d.Row(u))
		}
		return rows
	}
	want := [][]collab.Touch{{{Item: 0}}, nil, nil, {{Item: 4, At: 9}}}
	if diff := cmp.Diff(want, rows(next)); diff != "" || next.Items() != 5 {
		t.Errorf("%d items, rows (-want +got):\n%s", next.Items(), diff)
	}
	if diff := cmp.Diff([][]collab.Touch{{{Item: 0}}, {{Item: 1}, {Item: 0, At: 1}}}, rows(d)); diff != "" || d.Items() != 2 {
		t.Errorf("the original changed: %d items, rows (-want +got):\n%s", d.Items(), diff)
	}
	if _, err := d.With(1, nil); !errors.Is(err, errs.Invalid) {
		t.Errorf("fewer items: error %v, want errs.Invalid", err)
	}
	if _, err := d.With(2, map[int32][]collab.Touch{-1: nil}); !errors.Is(err, errs.Invalid) {
		t.Errorf("negative user: error %v, want errs.Invalid", err)
	}
}
