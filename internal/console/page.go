package console

import (
	"bytes"
	_ "embed"
	"html/template"
)

//go:embed page.html
var pageHTML string

// page is what page.html is filled with. Its script and stylesheet are the assets Name.js and
// Name.css; the script finds the other fields as data attributes of the element "console", and
// leaves alone those it has no use for.
type page struct {
	Name, Title string
	Endpoint    string
	First       Operation
	OpenAPI     string
}

// Assets is the path that the page's files are under.
func (page) Assets() string { return AssetsPath }

// newPage renders p once. The template is part of the program, so an error in it is a bug.
func newPage(p page) file {
	var html bytes.Buffer
	if err := template.Must(template.New("page").Parse(pageHTML)).Execute(&html, p); err != nil {
		panic("render console page: " + err.Error())
	}
	return newFile("page.html", html.Bytes())
}
