package catalog

// Name is the place of a string in Names; 0 is the empty string.
type Name int32

// Names gives equal strings the same small number. The zero value holds the empty string only.
type Names struct {
	strings []string
	byText  map[string]Name
}

// Put returns the number of s, giving it one if it has none yet.
func (n *Names) Put(s string) Name {
	if s == "" {
		return 0
	}
	if name, ok := n.byText[s]; ok {
		return name
	}
	if n.byText == nil {
		n.byText = map[string]Name{}
		n.strings = []string{""}
	}
	name := Name(len(n.strings))
	n.byText[s] = name
	n.strings = append(n.strings, s)
	return name
}

// Lookup returns the number of s, if it has one.
func (n *Names) Lookup(s string) (Name, bool) {
	if s == "" {
		return 0, true
	}
	name, ok := n.byText[s]
	return name, ok
}

// Text returns the string whose number is name.
func (n *Names) Text(name Name) string {
	if name == 0 {
		return ""
	}
	return n.strings[name]
}

// Len returns how many numbers are given, the empty string's included: all are below it.
func (n *Names) Len() int { return max(1, len(n.strings)) }
