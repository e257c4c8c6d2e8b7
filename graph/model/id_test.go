package model

import (
	"errors"
	"strconv"
	"testing"

	"resonance/internal/catalog"
	"resonance/internal/errs"
)

func TestGlobalIDIsTheConventionalOne(t *testing.T) {
	if got := GlobalID(KindPost, "123"); got != "UG9zdDoxMjM=" {
		t.Errorf("got %s", got)
	}
}

func TestNumberlessTopicsOfTwoProjectsDiffer(t *testing.T) {
	a := Topic{&catalog.Topic{Name: "News", ProjectCode: "a"}}
	b := Topic{&catalog.Topic{Name: "News", ProjectCode: "b"}}
	if a.ID() == b.ID() {
		t.Error("they share an id")
	}
}

// Whatever parses is written back the same, so an id has one spelling; the rest is invalid input.
func FuzzParseIDs(f *testing.F) {
	for _, id := range []string{"1", "0", "UG9zdDoxMjM=", GlobalID(KindUser, "a:b"), GlobalID(KindCategory, "ü"), "UG9zdDox\n", "=", ":"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		switch kind, key, err := ParseGlobalID("id", id); {
		case err != nil && !errors.Is(err, errs.Invalid):
			t.Errorf("error of no kind: %v", err)
		case err == nil && GlobalID(kind, key) != id:
			t.Errorf("%q is another spelling of %q", id, GlobalID(kind, key))
		}
		number, err := ParsePostID("id", id)
		switch digits := strconv.FormatInt(number, 10); {
		case err != nil && !errors.Is(err, errs.Invalid):
			t.Errorf("error of no kind: %v", err)
		case err == nil && (number < 1 || number > catalog.MaxID):
			t.Errorf("%q is post %d", id, number)
		case err == nil && id != digits && id != GlobalID(KindPost, digits):
			t.Errorf("%q is another spelling of post %s", id, digits)
		}
	})
}
