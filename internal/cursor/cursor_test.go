package cursor

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// question is what a list is about, in tests.
type question struct {
	User, Project string
	Tags          []string
	Fresh         *float64
}

func list() List {
	return NewSigner("a key of some length").List("c0ffee", question{User: "ann", Project: "p", Tags: []string{"a", "b"}})
}

func TestWhatIsSealedIsOpened(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 10, 999, Depth} {
		ids := map[int64]bool{}
		for len(ids) < n {
			ids[1+r.Int64N(1<<31-1)] = true
		}
		var served []int64
		for id := range ids {
			served = append(served, id)
		}
		before := slices.Clone(served)
		text := list().Seal(served)
		if !slices.Equal(before, served) {
			t.Error("Seal sorted what it was given")
		}
		if len(text) > 5400 {
			t.Errorf("%d ids take %d characters", n, len(text))
		}
		got, ok := list().Open(text)
		slices.Sort(served)
		if !ok || !slices.Equal(got, served) {
			t.Errorf("%d ids: %v, %t", n, got, ok)
		}
		if strings.ContainsAny(text, "+/=%&<>\" ") {
			t.Errorf("%s needs escaping", text)
		}
	}
}

// The order in which posts were served does not show.
func TestOrderDoesNotMatter(t *testing.T) {
	if a, b := list().Seal([]int64{7, 3, 9}), list().Seal([]int64{9, 7, 3}); a != b {
		t.Errorf("%s and %s", a, b)
	}
}

func TestOnlyTheSameListOpens(t *testing.T) {
	half, ann := .5, question{User: "ann", Project: "p", Tags: []string{"a", "b"}}
	signer := NewSigner("a key of some length")
	text := list().Seal([]int64{1, 2, 3})
	if _, ok := signer.List("c0ffee", ann).Open(text); !ok {
		t.Error("another signer with the same key does not open it")
	}
	for name, foreign := range map[string]List{
		"key of the server": NewSigner("another key").List("c0ffee", ann),
		"key of the caller": signer.List("decaf0", ann),
		"no key":            signer.List("", ann),
		"user":              signer.List("c0ffee", question{User: "bob", Project: "p", Tags: []string{"a", "b"}}),
		"project":           signer.List("c0ffee", question{User: "ann", Tags: []string{"a", "b"}}),
		"moved letter":      signer.List("c0ffee", question{User: "annp", Tags: []string{"a", "b"}}),
		"tags":              signer.List("c0ffee", question{User: "ann", Project: "p", Tags: []string{"ab"}}),
		"options":           signer.List("c0ffee", question{User: "ann", Project: "p", Tags: []string{"a", "b"}, Fresh: &half}),
	} {
		if ids, ok := foreign.Open(text); ok {
			t.Errorf("a list of another %s opens it: %v", name, ids)
		}
	}
}

func TestForgedAndTruncatedAreRefused(t *testing.T) {
	text := list().Seal([]int64{5, 77, 1 << 20, 1<<31 - 1})
	for n := range text {
		if _, ok := list().Open(text[:n]); ok {
			t.Errorf("the first %d characters are taken", n)
		}
		for _, c := range []byte("AB_-=\x00") {
			forged := text[:n] + string(c) + text[n+1:]
			if _, ok := list().Open(forged); ok && forged != text {
				t.Errorf("%s is taken", forged)
			}
		}
	}
	for _, wrong := range []string{"", "x", "null", text + "A", text + text, " " + text, text + "\n", strings.Repeat("A", 1<<20)} {
		if _, ok := list().Open(wrong); ok {
			t.Errorf("%.80q is taken", wrong)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(list().Seal(nil))
	f.Add(list().Seal([]int64{1, 2, 1<<31 - 1}))
	f.Add("AQ")
	f.Add(strings.Repeat("_", 40))
	f.Fuzz(func(t *testing.T, text string) {
		served, ok := list().Open(text)
		if !ok {
			return
		}
		if again := list().Seal(served); again != text { // nobody else can have made it
			t.Errorf("%q opens as %v, which is sealed as %q", text, served, again)
		}
	})
}

// Behind the signature stands what any program with the key may have written, an older one for example.
func FuzzOpenSigned(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 1, 0xff, 0xff, 0xff, 0xff, 7})
	f.Add([]byte{0x80, 0x80})
	f.Fuzz(func(t *testing.T, steps []byte) {
		sealed := append([]byte{version}, steps...)
		served, ok := list().Open(encoding.EncodeToString(append(sealed, list().mac(sealed)...)))
		if !ok || len(served) > 0 && (served[0] < 1 || !slices.IsSorted(served)) {
			return
		}
		if again, ok := list().Open(list().Seal(served)); !ok || !slices.Equal(again, served) {
			t.Errorf("%v sealed again opens as %v", served, again)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	for _, n := range []int{10, Depth} {
		served := make([]int64, n)
		for i := range served {
			served[i] = int64(i+1) * 2_000_003
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				list().Seal(served)
			}
		})
	}
}
