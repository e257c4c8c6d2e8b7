package caller

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/errs"
)

// ring returns a keyring with one new key, and the Authorization that it is sent as.
func ring(t *testing.T, scopes, projects []string) (Keyring, string) {
	t.Helper()
	key, line, err := NewKey(scopes, projects)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Repeat("0f", 32) + ":read"
	r, err := ParseKeyring(other + ", " + line)
	if err != nil {
		t.Fatal(err)
	}
	return r, "Bearer " + key
}

func TestOnlyTheKeyGetsIn(t *testing.T) {
	r, authorization := ring(t, []string{"write"}, []string{"Vible"})
	c := r.Authorized(authorization)
	if c.May(Write) != nil || !errors.Is(c.May(Admin), errs.Forbidden) || len(c.KeyID) != 12 {
		t.Errorf("the key stands for %+v", c)
	}
	for _, wrong := range []string{
		"", "Bearer", "Bearer ", authorization + "x", authorization[:len(authorization)-1], "Bearer " + strings.ToLower(authorization[7:]),
		"Basic " + authorization[7:], authorization[7:], "Bearer " + strings.Repeat("0f", 32), "Bearer \x00",
	} {
		if c := r.Authorized(wrong); !errors.Is(c.May(Read), errs.Unauthorized) || c.KeyID != "" || c.Reach().Every() {
			t.Errorf("%q stands for %+v", wrong, c)
		}
	}
	for _, right := range []string{"bearer" + authorization[6:], "Bearer  " + authorization[7:] + " "} {
		if r.Authorized(right).May(Write) != nil {
			t.Errorf("%q is not let in", right)
		}
	}
}

func TestWithoutKeysAnyoneMayDoEverything(t *testing.T) {
	var none Keyring
	for _, authorization := range []string{"", "Bearer x", "nonsense"} {
		c := none.Authorized(authorization)
		if c.May(Admin) != nil || c.MayEverywhere(Read) != nil {
			t.Errorf("%q: %+v", authorization, c)
		}
	}
}

func TestAContextWithoutACallerMayDoNothing(t *testing.T) {
	c := Of(context.Background())
	if !errors.Is(c.May(Read), errs.Unauthorized) || !errors.Is(c.MayEverywhere(Read), errs.Unauthorized) || c.MayUse("") {
		t.Errorf("%+v", c)
	}
	if _, err := c.Project("p", ""); err == nil {
		t.Error("a project was found for it")
	}
	if got := Of(With(context.Background(), Anyone())); got.May(Admin) != nil {
		t.Errorf("what was put in comes back as %+v", got)
	}
}

func TestScopesIncludeThoseBefore(t *testing.T) {
	for scopes, most := range map[string]Right{"read": Read, "write": Write, "admin": Admin, "write|read": Write, "read|admin": Admin} {
		r, authorization := ring(t, strings.Split(scopes, "|"), nil)
		for _, right := range []Right{None, Read, Write, Admin} {
			if err := r.Authorized(authorization).May(right); (err == nil) != (right <= most) {
				t.Errorf("%s: may %s: %v", scopes, right, err)
			}
		}
	}
}

func TestProjectOfAQuestion(t *testing.T) {
	for _, test := range []struct {
		bound       []string
		asked, want string
		err         error
	}{
		{nil, "", "", nil},
		{nil, "Any", "Any", nil},
		{[]string{"Vible"}, "", "vible", nil},
		{[]string{"vible"}, " VIBLE", " VIBLE", nil},
		{[]string{"vible"}, "eacc", "", errs.Forbidden},
		{[]string{"vible"}, " ", "", errs.Forbidden},
		{[]string{"vible", "eacc"}, "eacc", "eacc", nil},
		{[]string{"vible", "eacc"}, "soltok", "", errs.Forbidden},
		{[]string{"vible", "eacc"}, "", "", errs.Invalid},
	} {
		r, authorization := ring(t, []string{"read"}, test.bound)
		got, err := r.Authorized(authorization).Project("projectCode", test.asked)
		if got != test.want || !errors.Is(err, test.err) || err != nil && !strings.Contains(err.Error(), "projectCode") {
			t.Errorf("bound to %v, asked %q: %q, %v", test.bound, test.asked, got, err)
		}
	}
}

func TestOnlyAKeyOfNoProjectCounts(t *testing.T) {
	free, authorization := ring(t, []string{"read"}, nil)
	if err := free.Authorized(authorization).MayEverywhere(Read); err != nil {
		t.Error(err)
	}
	bound, authorization := ring(t, []string{"admin"}, []string{"a"})
	if err := bound.Authorized(authorization).MayEverywhere(Read); !errors.Is(err, errs.Forbidden) {
		t.Error(err)
	}
}

func TestKeysAreNewAndTheirLinesTellNothing(t *testing.T) {
	key, line, err := NewKey([]string{"read", "write"}, []string{"a", "b"})
	again, _, _ := NewKey([]string{"read"}, nil)
	if err != nil || key == again || strings.Contains(line, key) || !strings.HasSuffix(line, ":read|write:a|b") {
		t.Errorf("key %s, line %s, again %s: %v", key, line, again, err)
	}
	for _, test := range [][2][]string{{{"root"}, nil}, {nil, nil}, {{""}, nil}, {{"read"}, {""}}, {{"read"}, {"a:b"}}, {{"read"}, {"a,b"}}, {{"read"}, {"a|b"}}} {
		if _, line, err := NewKey(test[0], test[1]); err == nil {
			t.Errorf("%v gives %s", test, line)
		}
	}
}

func TestWrongLinesAreNumberedAndNotQuoted(t *testing.T) {
	hash := strings.Repeat("c0ffee00", 8)
	for text, want := range map[string]string{
		hash:                                  "key 1: is not",
		hash + ":":                            "key 1: a scope is",
		hash + ":root":                        "key 1: a scope is",
		hash + ":read,":                       "key 2: is not",
		hash + ":read," + hash + ":write":     "key 2: is there twice",
		hash + ":read:":                       "key 1: a project's code",
		hash + ":read:a|":                     "key 1: a project's code",
		hash + ":read:a:b":                    "key 1: is not",
		hash[1:] + ":read":                    "key 1: is not",
		"g" + hash[1:] + ":read":              "key 1: is not",
		strings.ToUpper(hash) + ":read, c0ff": "key 2: is not",
	} {
		_, err := ParseKeyring(text)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(strings.ToLower(err.Error()), "c0ff") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestProjectsAreFolded(t *testing.T) {
	r, authorization := ring(t, []string{"read"}, []string{"B", "a", "b "})
	if diff := cmp.Diff([]string{"a", "b"}, r.Authorized(authorization).Projects); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMayUse(t *testing.T) {
	bound := with(Read)
	bound.Projects = []string{"vible", "E/ACC"}
	for project, want := range map[string]bool{"vible": true, "Vible": true, "e/acc": true, "other": false, "": false} {
		if bound.MayUse(project) != want || !with(Read).MayUse(project) || (Caller{Projects: bound.Projects}).MayUse(project) || (Caller{}).MayUse(project) {
			t.Errorf("project %q", project)
		}
	}
}
