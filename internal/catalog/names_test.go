package catalog

import "testing"

func TestNames(t *testing.T) {
	var names Names
	if names.Len() != 1 || names.Text(0) != "" {
		t.Errorf("zero Names: Len %d, Text(0) %q", names.Len(), names.Text(0))
	}
	if name, ok := names.Lookup(""); name != 0 || !ok {
		t.Errorf(`zero Names: Lookup("") = %d, %t`, name, ok)
	}
	if _, ok := names.Lookup("a"); ok {
		t.Error("zero Names knows a")
	}
	texts := []string{"", "a", "A", " a", "\x00", "é", "e\u0301", "\xff"}
	given := map[Name]string{}
	for range 2 { // the second time nothing is new
		for _, text := range texts {
			name := names.Put(text)
			if had, ok := given[name]; ok && had != text {
				t.Errorf("%q and %q share the number %d", had, text, name)
			}
			given[name] = text
		}
	}
	if len(given) != len(texts) || names.Len() != len(texts) {
		t.Errorf("%d texts have %d numbers, Len %d", len(texts), len(given), names.Len())
	}
	for name, text := range given {
		found, ok := names.Lookup(text)
		if names.Text(name) != text || !ok || found != name || int(name) >= names.Len() {
			t.Errorf("%q: Text(%d) = %q, Lookup = %d, %t", text, name, names.Text(name), found, ok)
		}
	}
}
