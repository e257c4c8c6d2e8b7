package interaction

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/errs"
)

// TestKindNumbers holds what stores have written: a kind is never renumbered or renamed.
func TestKindNumbers(t *testing.T) {
	want := []string{"view", "like", "inspire", "rating", "share", "bookmark", "follow", "skip", "hide", "impression"}
	var got []string
	for n, kind := range Kinds() {
		if int(kind) != n+1 || !kind.Valid() {
			t.Errorf("kind %d is %d, valid: %t", n+1, kind, kind.Valid())
		}
		got = append(got, kind.String())
		if parsed, err := ParseKind(kind.String()); parsed != kind || err != nil {
			t.Errorf("%q parses as %v, %v", kind, parsed, err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

func TestNotAKind(t *testing.T) {
	for _, name := range []string{"", "View", "view ", "kind(1)"} {
		if kind, err := ParseKind(name); !errors.Is(err, errs.Invalid) {
			t.Errorf("%q parses as %v, %v", name, kind, err)
		}
	}
	for _, kind := range []Kind{0, Impression + 1, 255} {
		if kind.Valid() {
			t.Errorf("%v is valid", kind)
		}
	}
	if got := Kind(99).String(); got != "kind(99)" {
		t.Errorf("kind 99 is called %q", got)
	}
}

func TestCheckValue(t *testing.T) {
	for _, test := range []struct {
		kind  Kind
		value int
		good  bool
	}{
		{View, NoValue, true}, {View, 0, true}, {View, 100, true}, {View, 101, false}, {View, -2, false},
		{Rating, NoValue, false}, {Rating, 0, false}, {Rating, 1, true}, {Rating, 100, true}, {Rating, 101, false},
		{Like, NoValue, true}, {Like, 0, false}, {Like, 1, false}, {Impression, NoValue, true}, {Skip, 5, false},
	} {
		err := test.kind.CheckValue(test.value)
		if (err == nil) != test.good || err != nil && !errors.Is(err, errs.Invalid) {
			t.Errorf("value %d of a %s: %v", test.value, test.kind, err)
		}
	}
	for _, kind := range Kinds() {
		if want := kind == View || kind == Rating; kind.HasValue() != want {
			t.Errorf("%s has a value: %t", kind, kind.HasValue())
		}
	}
}
