package catalog

import "testing"

func TestProject(t *testing.T) {
	topic := &Topic{Name: "Topic", ProjectCode: "Flic "}
	for _, test := range []struct {
		name string
		post Post
		want string
	}{
		{"none", Post{}, ""},
		{"its own code first", Post{ProjectCode: " Vible", Topic: topic, Category: &Category{Name: "E/ACC"}}, "vible"},
		{"then the topic's", Post{Topic: topic, Category: &Category{Name: "E/ACC"}}, "flic"},
		{"a topic without a code has none", Post{Topic: &Topic{}, Category: &Category{Name: "E/ACC"}}, ""},
		{"then the category's name", Post{Category: &Category{Name: "E/ACC"}}, "eacc"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.post.Project(); got != test.want {
				t.Errorf("project %q, want %q", got, test.want)
			}
		})
	}
}

func TestProjectFromName(t *testing.T) {
	for name, want := range map[string]string{
		"Vible": "vible", "Bloom Scroll": "bloomscroll", "E/ACC": "eacc", "Gratitude 24/7": "gratitude247", "": "", " / ": "", "Été 🙂": "été",
	} {
		if got := ProjectFromName(name); got != want {
			t.Errorf("project from %q is %q, want %q", name, got, want)
		}
	}
	for code, want := range map[string]string{" ViBle\t": "vible", "": "", "a b": "a b"} {
		if got := FoldProject(code); got != want {
			t.Errorf("code %q folds to %q, want %q", code, got, want)
		}
	}
}

func TestOwnerName(t *testing.T) {
	for want, o := range map[string]Owner{"Ada L": {FirstName: "Ada", LastName: "L"}, "Ada": {FirstName: "Ada"}, "L": {LastName: "L"}, "": {Username: "ada"}} {
		if got := o.Name(); got != want {
			t.Errorf("name of %+v is %q, want %q", o, got, want)
		}
	}
}
