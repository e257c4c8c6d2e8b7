package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestAPIPage does all that docs/api.md shows, from top to bottom, and compares the answers.
func TestAPIPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	p := &page{T: t, environ: settings(t), folder: t.TempDir(), known: map[string]string{}}
	for _, part := range fenced.FindAllSubmatch(text, -1) {
		p.block(string(part[1]), string(part[2]))
	}
	if p.asked < 40 {
		t.Errorf("only %d examples were found", p.asked)
	}
}

var fenced = regexp.MustCompile("(?ms)^```([^\n]+)\n(.*?)^```$")

// page is how far a reader of the page has come.
type page struct {
	*testing.T
	environ  []string
	folder   string
	server   *server
	document string            // GraphQL that waits for its variables
	known    map[string]string // what $name stands for: texts of answers by their keys
	asked    int

	status int
	header http.Header
	answer []byte
}

// block does what a fenced block says.
func (p *page) block(language, text string) {
	p.Helper()
	if p.document != "" && language != "json variables" {
		p.query(p.document, nil)
	}
	switch language {
	case "graphql":
		p.document = text
	case "json variables":
		p.query(p.document, json.RawMessage(p.filled(text)))
	case "sh":
		for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
			p.command(strings.TrimSpace(line))
		}
	case "json":
		p.compare(text)
	case "http":
		p.headers(text)
	default: // a file
		if err := os.WriteFile(filepath.Join(p.folder, language), []byte(text), 0o600); err != nil {
			p.Fatal(err)
		}
	}
}

var name = regexp.MustCompile(`\$[A-Za-z]+`)

// filled puts in what names stand for.
func (p *page) filled(text string) string {
	return name.ReplaceAllStringFunc(text, func(name string) string {
		if value, known := p.known[name[1:]]; known {
			return value
		}
		return name
	})
}

// command runs one line of a shell.
func (p *page) command(line string) {
	p.Helper()
	words, err := p.split(line)
	if err != nil {
		p.Fatalf("%s: %v", line, err)
	}
	var set []string
	for len(words) > 0 && regexp.MustCompile(`^[A-Z_]+=`).MatchString(words[0]) {
		set, words = append(set, strings.ReplaceAll(words[0], "=./", "="+p.folder+"/")), words[1:]
	}
	switch {
	case len(words) == 1 && words[0] == "resonance":
		if p.server != nil {
			if err := p.server.stop(); err != nil {
				p.Fatal(err)
			}
		}
		p.server = start(p.T, append(p.environ, set...))
		if set == nil {
			p.server.await("the embeddings", func(h health) bool { return h.Embedding.Queued == 0 && h.Embedding.Done == h.Posts })
		}
	case len(words) > 3 && strings.Join(words[:3], " ") == "resonance key new":
		p.known["KEY"], p.known["LINE"] = newKeyFor(p.T, words[3:]...)
	case len(words) > 1 && words[0] == "resonance":
		must(p.T, p.environ, append(words[1:len(words)-1], strings.Replace(words[len(words)-1], ".", p.folder, 1))...)
	case len(words) > 1 && words[0] == "curl":
		p.curl(words[1:])
	default:
		p.Fatalf("%s: the test does not know this command", line)
	}
}

// split returns the words of a command, of which quotes hold some together, and single quotes keep names.
func (p *page) split(line string) (words []string, err error) {
	for line != "" {
		end, quoted := " ", false
		for _, quote := range []string{"'", `"`} {
			if strings.HasPrefix(line, quote) {
				end, quoted, line = quote, true, line[1:]
			}
		}
		word, rest, closed := strings.Cut(line, end)
		if quoted && !closed {
			return nil, fmt.Errorf("a quote is not closed")
		}
		if end != "'" {
			word = p.filled(word)
		}
		words, line = append(words, word), strings.TrimSpace(rest)
	}
	return words, nil
}

// curl sends what the options of curl say.
func (p *page) curl(words []string) {
	p.Helper()
	method, address, body, form, stream := http.MethodGet, "", "", url.Values{}, false
	header := http.Header{}
	for len(words) > 0 {
		option := words[0]
		words = words[1:]
		if option == "-i" || option == "-G" || option == "-N" {
			stream = stream || option == "-N"
			continue
		}
		if !strings.HasPrefix(option, "-") {
			address = option
			continue
		}
		if len(words) == 0 {
			p.Fatalf("curl %s: lacks its value", option)
		}
		value := words[0]
		words = words[1:]
		name, rest, _ := strings.Cut(value, "=")
		switch option {
		case "-X":
			method = value
		case "-H":
			name, rest, _ = strings.Cut(value, ":")
			header.Set(name, strings.TrimSpace(rest))
		case "-d":
			body = value
		case "--data-urlencode":
			form.Set(name, rest)
		default:
			p.Fatalf("curl %s: the test does not know this option", option)
		}
	}
	if len(form) > 0 {
		address += "?" + form.Encode()
	}
	p.send(method, address, header, body, stream)
}

func (p *page) query(document string, variables json.RawMessage) {
	p.Helper()
	p.document = ""
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		p.Fatalf("%s: %v", document, err)
	}
	p.send(http.MethodPost, "localhost:8000/graphql", http.Header{"Content-Type": {"application/json"}}, string(body), false)
}

// send sends a request and keeps its answer, of a stream the data of the first event.
func (p *page) send(method, address string, header http.Header, body string, stream bool) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.Context(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, strings.Replace(address, "localhost:8000", p.server.url, 1), strings.NewReader(body))
	if err != nil {
		p.Fatal(err)
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.Fatal(err)
	}
	defer response.Body.Close()
	if stream {
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			if data, found := strings.CutPrefix(lines.Text(), "data: "); found {
				p.answer = []byte(data)
				break
			}
		}
	} else if p.answer, err = io.ReadAll(response.Body); err != nil {
		p.Fatal(err)
	}
	p.status, p.header = response.StatusCode, response.Header
	p.asked++
	var value any
	if json.Unmarshal(p.answer, &value) == nil {
		p.learn("", value)
	}
	if next := regexp.MustCompile(`<(/[^>]*)>; rel="next"`).FindStringSubmatch(p.header.Get("Link")); next != nil {
		p.known["next"] = next[1]
	}
	if tag := p.header.Get("Etag"); tag != "" {
		p.known["etag"] = tag
	}
}

// learn notes the texts of an answer under their keys.
func (p *page) learn(key string, value any) {
	switch value := value.(type) {
	case string:
		p.known[key] = value
	case map[string]any:
		for key, value := range value {
			p.learn(key, value)
		}
	case []any:
		for _, value := range value {
			p.learn(key, value)
		}
	}
}

// headers compares status and header with what is shown.
func (p *page) headers(text string) {
	p.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, want, isHeader := strings.Cut(line, ": ")
		if !isHeader {
			if got := fmt.Sprintf("HTTP/1.1 %d %s", p.status, http.StatusText(p.status)); got != line {
				p.Errorf("the answer is %s, want %s: %s", got, line, p.answer)
			}
			continue
		}
		pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*")
		if got := p.header.Get(name); !regexp.MustCompile("^" + pattern + "$").MatchString(got) {
			p.Errorf("the header %s is %q, want %q", name, got, want)
		}
	}
}

// compare compares the answer with what is shown.
func (p *page) compare(text string) {
	p.Helper()
	var got, want any
	shown := json.NewDecoder(strings.NewReader(text))
	shown.UseNumber()
	err := errors.Join(shown.Decode(&want), json.Unmarshal(p.answer, &got))
	if err == nil {
		err = differ("", want, got)
	}
	if err != nil {
		p.Errorf("%v\nshown: %s\nanswered: %s", err, text, p.answer)
	}
}

// differ says where an answer differs from what is shown, in which a fraction stands for any number, "…" for any
// value and, as the last of a list or a key of an object, for any others.
func differ(at string, want, got any) error {
	if want == "…" {
		return nil
	}
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: %v is no object", at, got)
		}
		_, more := want["…"]
		for key := range object {
			if _, shown := want[key]; !shown && !more {
				return fmt.Errorf("%s.%s: is not shown", at, key)
			}
		}
		for key, value := range want {
			answered, there := object[key]
			if !there && key != "…" {
				return fmt.Errorf("%s.%s: is not there", at, key)
			}
			if err := differ(at+"."+key, value, answered); key != "…" && err != nil {
				return err
			}
		}
		return nil
	case []any:
		list, ok := got.([]any)
		more := len(want) > 0 && want[len(want)-1] == "…"
		if more {
			want = want[:len(want)-1]
		}
		if !ok || len(list) < len(want) || len(list) > len(want) && !more {
			return fmt.Errorf("%s: %v has not %d elements", at, got, len(want))
		}
		for n, value := range want {
			if err := differ(fmt.Sprintf("%s[%d]", at, n), value, list[n]); err != nil {
				return err
			}
		}
		return nil
	}
	if number, ok := want.(json.Number); ok {
		if _, ok := got.(float64); ok && strings.Contains(number.String(), ".") {
			return nil
		}
		want, _ = number.Float64() // a number that is too large is not got
	}
	if want != got {
		return fmt.Errorf("%s: is %v, want %v", at, got, want)
	}
	return nil
}
