package sqlite

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Tags come back as they went in, whatever is in them.
func TestTagsComeBack(t *testing.T) {
	for _, tags := range [][]string{
		nil, {"a"}, {""}, {"", ""}, {"a", "b", "c"}, {","}, {`","`}, {`"`}, {`a","b`, "c"}, {`\`}, {`\"`}, {"[", "]"}, {`"]`}, {"<b>&"}, {"ä", "日本", "\u2028"}, {"\n\x00"},
	} {
		column, err := tagList{&tags}.Value()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		if err := (tagList{&got}).Scan(column); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tags, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", column, diff)
		}
	}
	for _, broken := range []any{"", `["`, `["]`, `["a"`, `{}`, 7, nil} {
		var got []string
		if err := (tagList{&got}).Scan(broken); err == nil {
			t.Errorf("%v: no error, tags %q", broken, got)
		}
	}
}
