package interaction

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/errs"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestInteractionForms(t *testing.T) {
	plain := Interaction{Username: "ada", PostID: 1, Kind: Like, Value: NoValue, At: noon}
	with := func(change func(*Interaction)) Interaction {
		i := plain
		change(&i)
		return i
	}
	for _, test := range []struct {
		name, text string
		want       Interaction
		canonical  string
	}{
		{"like", `{"username": "ada", "post_id": 1, "kind": "like", "at": "2026-01-02T12:00:00Z"}`, plain,
			`{"username":"ada","post_id":1,"kind":"like","at":"2026-01-02T12:00:00Z"}`},
		{"a value where there is none, unknown keys", `{"username": "ada", "post_id": 1, "kind": "like", "value": 7, "at": "2026-01-02T12:00:00Z", "x": {}}`, plain,
			`{"username":"ada","post_id":1,"kind":"like","at":"2026-01-02T12:00:00Z"}`},
		{"key", `{"key": "view:5", "username": "ada", "post_id": 1, "kind": "view", "at": "2026-01-02T12:00:00Z"}`,
			with(func(i *Interaction) { i.Key, i.Kind = "view:5", View }),
			`{"key":"view:5","username":"ada","post_id":1,"kind":"view","at":"2026-01-02T12:00:00Z"}`},
		{"watched nothing is not unknown", `{"username": "ada", "post_id": 1, "kind": "view", "value": 0, "at": "2026-01-02T12:00:00Z"}`,
			with(func(i *Interaction) { i.Kind, i.Value = View, 0 }),
			`{"username":"ada","post_id":1,"kind":"view","value":0,"at":"2026-01-02T12:00:00Z"}`},
		{"null value", `{"username": "ada", "post_id": 1, "kind": "view", "value": null, "at": "2026-01-02T12:00:00Z"}`,
			with(func(i *Interaction) { i.Kind = View }),
			`{"username":"ada","post_id":1,"kind":"view","at":"2026-01-02T12:00:00Z"}`},
		{"fractions round", `{"username": "ada", "post_id": 1, "kind": "rating", "value": 49.5, "at": "2026-01-02T14:00:00.0059+02:00"}`,
			with(func(i *Interaction) { i.Kind, i.Value, i.At = Rating, 50, noon.Add(5*time.Millisecond) }),
			`{"username":"ada","post_id":1,"kind":"rating","value":50,"at":"2026-01-02T12:00:00.005Z"}`},
		{"user id", `{"user_id": 9, "post_id": 1, "kind": "like", "at": "2026-01-02T12:00:00Z"}`,
			with(func(i *Interaction) { i.Username, i.UserID = "", 9 }),
			`{"user_id":9,"post_id":1,"kind":"like","at":"2026-01-02T12:00:00Z"}`},
		{"username before user id", `{"username": "ada", "user_id": 9, "post_id": 1, "kind": "like", "at": "2026-01-02T12:00:00Z"}`, plain,
			`{"username":"ada","post_id":1,"kind":"like","at":"2026-01-02T12:00:00Z"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got Interaction
			if err := got.UnmarshalJSON([]byte(test.text)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("interaction (-want +got):\n%s", diff)
			}
			text, err := got.MarshalJSON()
			if err != nil || string(text) != test.canonical {
				t.Errorf("JSON %s, %v; want %s", text, err, test.canonical)
			}
		})
	}
}

func TestInteractionErrors(t *testing.T) {
	const at = `, "at": "2026-01-02T12:00:00Z"}`
	for _, test := range []struct{ name, text, want string }{
		{"nobody", `{"post_id": 1, "kind": "like"` + at, "username: is empty, and user_id 0 is not in 1..2147483647"},
		{"user id too large", `{"user_id": 2147483648, "post_id": 1, "kind": "like"` + at, "user_id 2147483648"},
		{"no post", `{"username": "a", "kind": "like"` + at, "post_id: 0 is not in"},
		{"no kind", `{"username": "a", "post_id": 1` + at, `kind: "" is not one of view, like, inspire, rating, share, bookmark, follow, skip, hide, impression`},
		{"unknown kind", `{"username": "a", "post_id": 1, "kind": "Like"` + at, `kind: "Like" is not one of`},
		{"no time", `{"username": "a", "post_id": 1, "kind": "like"}`, `at: "" is not RFC 3339`},
		{"year one", `{"username": "a", "post_id": 1, "kind": "like", "at": "0001-01-01T00:00:00Z"}`, "at: is missing"},
		{"after the year 9999", `{"username": "a", "post_id": 1, "kind": "like", "at": "9999-12-31T23:59:59-01:00"}`, "at: "},
		{"before the year 0", `{"username": "a", "post_id": 1, "kind": "like", "at": "0000-01-01T00:00:00+01:00"}`, "at: "},
		{"epoch time", `{"username": "a", "post_id": 1, "kind": "like", "at": 1}`, "at"},
		{"rating without a value", `{"username": "a", "post_id": 1, "kind": "rating"` + at, "value: a rating needs one, 1..100"},
		{"rating 0", `{"username": "a", "post_id": 1, "kind": "rating", "value": 0.4` + at, "value: 0 is not in 1..100, as a rating takes"},
		{"watched too much", `{"username": "a", "post_id": 1, "kind": "view", "value": 1e300` + at, "is not in 0..100, as a view takes"},
		{"watched less than nothing", `{"username": "a", "post_id": 1, "kind": "view", "value": -1` + at, "value: -1 is not in 0..100"},
		{"list", `[]`, "array"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var i Interaction
			err := i.UnmarshalJSON([]byte(test.text))
			if !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that wraps errs.Invalid and says %q", err, test.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	good := Interaction{Username: "ada", PostID: 1, Kind: Like, Value: NoValue, At: noon}
	if err := good.Check(); err != nil {
		t.Errorf("a good one: %v", err)
	}
	for name, change := range map[string]func(*Interaction){
		"username: is":        func(i *Interaction) { i.Username = "" },
		"post_id: ":           func(i *Interaction) { i.PostID = -1 },
		"kind: ":              func(i *Interaction) { i.Kind = 0 },
		"at: ":                func(i *Interaction) { i.At = time.Time{} },
		"value: ":             func(i *Interaction) { i.Value = 0 },
		"must be UTF-8":       func(i *Interaction) { i.Username = "\xff" },
		"username, key: must": func(i *Interaction) { i.Key = "\xff" },
	} {
		bad := good
		change(&bad)
		if err := bad.Check(); !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one that wraps errs.Invalid and says %q", err, name)
		}
	}
	beyond := good
	beyond.Kind = Impression + 1
	if err := beyond.Check(); !errors.Is(err, errs.Invalid) {
		t.Errorf("a kind past the last: %v", err)
	}
}

// FuzzInteraction: whatever decodes passes its check and has one canonical form, which decodes
// to the same interaction.
func FuzzInteraction(f *testing.F) {
	for _, seed := range []string{
		`{"key": "view:1", "username": "ada", "post_id": 1, "kind": "view", "value": 80, "at": "2026-01-02T03:04:05Z"}`,
		`{"user_id": 2147483647, "post_id": 2147483647, "kind": "rating", "value": 0.5, "at": "1969-12-31T23:59:59.999999999+14:00"}`,
		`{"username": "\ud800<\u2028\u0000", "post_id": 1, "kind": "hide", "value": null, "at": "0000-01-01T00:00:00Z"}`,
		`{"Username": "a", "POST_ID": 1, "kind": "skip", "value": -0.0, "at": "9999-12-31T23:59:59Z"}`, `null`, `{}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var i Interaction
		if err := i.UnmarshalJSON(data); err != nil {
			if !errors.Is(err, errs.Invalid) {
				t.Fatalf("error %v does not wrap errs.Invalid", err)
			}
			return
		}
		if err := i.Check(); err != nil {
			t.Fatalf("decoded %s, but %v", data, err)
		}
		first, err := i.MarshalJSON()
		if err != nil {
			t.Fatalf("encode what %s gave: %v", data, err)
		}
		var again Interaction
		if err := again.UnmarshalJSON(first); err != nil {
			t.Fatalf("decode the canonical form %s: %v", first, err)
		}
		if diff := cmp.Diff(i, again); diff != "" {
			t.Fatalf("the canonical form gives another interaction (-first +again):\n%s", diff)
		}
		if second, err := again.MarshalJSON(); err != nil || string(first) != string(second) {
			t.Fatalf("two canonical forms, %v:\n%s\n%s", err, first, second)
		}
	})
}
