package learn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"resonance/internal/errs"
)

// What was kept of a model makes the same one of the same lesson, bit for bit, and is what is used; of another lesson
// it is not, and what cannot be of this one is refused.
func TestKeptFit(t *testing.T) {
	past := chance(6).past(rand.New(rand.NewPCG(1, 1)))
	lesson, err := past.Lesson()
	if err != nil {
		t.Fatal(err)
	}
	fit := func(lesson Lesson, kept []byte) []byte {
		t.Helper()
		model, err := Begin(past).Fit(t.Context(), lesson, kept)
		if err != nil {
			t.Fatal(err)
		}
		return model.Kept()
	}
	whole := fit(lesson, nil)
	if again := fit(lesson, whole); !bytes.Equal(again, whole) {
		t.Error("what was kept makes another model")
	}
	other := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(other[8:], 0x3f800000) // 1, as a float32
	if again := fit(lesson, other); !bytes.Equal(again, other) {
		t.Error("what was kept is not used")
	}
	elsewhere, err := chance(7).past(rand.New(rand.NewPCG(1, 1))).Lesson()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fit(elsewhere, whole), fit(elsewhere, nil); !bytes.Equal(got, want) {
		t.Error("what was kept of one lesson shows in a model of another")
	}
	if _, err := Begin(past).Fit(t.Context(), lesson, whole[:len(whole)-4]); !errors.Is(err, errs.Invalid) {
		t.Errorf("a part that breaks off: error %v", err)
	}
}
