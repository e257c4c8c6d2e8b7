package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var printedKey = regexp.MustCompile(`^(rsn_[A-Z2-7]{26})\n([0-9a-f]{64}:[A-Za-z|:]+)\n$`)

// newKeyFor makes a key with the command.
func newKeyFor(t *testing.T, args ...string) (key, line string) {
	t.Helper()
	out := must(t, nil, append([]string{"key", "new"}, args...)...)
	printed := printedKey.FindStringSubmatch(out)
	if printed == nil {
		t.Fatalf("key new prints %q", out)
	}
	return printed[1], printed[2]
}

// ask sends a request with a key, "" for none.
func (s *server) ask(method, path, key, body string) (status int, answer string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(s.read(response, path, response.StatusCode))
}

func TestKeysGuardEveryDoor(t *testing.T) {
	free, freeLine := newKeyFor(t, "--scope", "read")
	bread, breadLine := newKeyFor(t, "--scope", "read", "--scope", "write", "--project", "Bread")
	if !strings.HasSuffix(breadLine, ":read|write:Bread") {
		t.Errorf("the line is %s", breadLine)
	}
	environ := settings(t, "API_KEYS="+freeLine+","+breadLine)
	must(t, environ, "import", folder(t, map[string]string{"posts.jsonl": twenty(), "interactions.jsonl": liked("ann", 2, 4)}))
	s := start(t, environ)

	for _, path := range []string{"/", "/livez", "/readyz", "/docs", "/redoc", "/openapi.json", "/playground", "/assets/console/playground.js"} {
		if status, answer := s.ask("GET", path, "", ""); status != http.StatusOK {
			t.Errorf("%s without a key: %d %.200s", path, status, answer)
		}
	}
	if _, page := s.ask("GET", "/playground", "", ""); strings.Contains(page, "ann") {
		t.Error("the playground names a user to those without a key")
	}
	const graphQL = "/graphql?query={topics{id}}"
	for _, path := range []string{"/metrics", "/feed?username=ann", graphQL} {
		for _, key := range []string{"", bread + "A", free[:20]} {
			if status, answer := s.ask("GET", path, key, ""); status != http.StatusUnauthorized {
				t.Errorf("%s with %q: %d %.200s", path, key, status, answer)
			}
		}
		if status, answer := s.ask("GET", path, free, ""); status != http.StatusOK {
			t.Errorf("%s with a key: %d %.200s", path, status, answer)
		}
	}

	for _, path := range []string{"/feed?username=ann&top_k=100", "/feed?username=ann&top_k=100&project_code=bread"} {
		if _, answer := s.ask("GET", path, bread, ""); strings.Contains(answer, "Stars") || strings.Count(answer, `"identifier"`) != 10 {
			t.Errorf("%s with a key for bread: %s", path, answer)
		}
	}
	if status, _ := s.ask("GET", "/feed?username=ann&project_code=stars", bread, ""); status != http.StatusForbidden {
		t.Errorf("a key for bread asks for stars: %d", status)
	}
	if _, answer := s.ask("GET", "/", bread, ""); strings.Contains(answer, "posts") {
		t.Errorf("a key for bread counts: %s", answer)
	}
	for id := 1; id <= 20; id++ {
		body, _ := json.Marshal(map[string]any{"query": `query ($id: ID!) { post(id: $id) { category { name } } }`, "variables": map[string]any{"id": id}})
		_, answer := s.ask("POST", "/graphql", bread, string(body))
		if want := id%2 == 1; strings.Contains(answer, "Bread") != want || !want && answer != `{"data":{"post":null}}` {
			t.Errorf("post %d with a key for bread: %s", id, answer)
		}
	}
	for _, secret := range []string{free, bread} {
		if strings.Contains(s.log.String(), secret) {
			t.Error("a key is in the log")
		}
	}
}

func TestNewKeysAreRefusedWithAReason(t *testing.T) {
	for _, args := range [][]string{{}, {"--scope", "root"}, {"--scope", "read", "--project", "a:b"}} {
		var out, log bytes.Buffer
		err := run(t.Context(), append([]string{"resonance", "key", "new"}, args...), nil, streams{strings.NewReader(""), &out, &log})
		if err == nil || strings.Contains(out.String(), "rsn_") {
			t.Errorf("%v prints %q, error %v", args, out.String(), err)
		}
	}
	if a, b := must(t, nil, "key", "new", "--scope", "admin"), must(t, nil, "key", "new", "--scope", "admin"); a == b {
		t.Error("two keys are the same")
	}
}

// A page of another site that has its name mean this machine is refused where nobody is asked for a key.
func TestOnlyAServerWithoutKeysMindsItsName(t *testing.T) {
	_, line := newKeyFor(t, "--scope", "read")
	for setting, want := range map[string]int{"AUTH=on": http.StatusMisdirectedRequest, "AUTH=off": http.StatusOK, "API_KEYS=" + line: http.StatusOK} {
		s := start(t, settings(t, setting))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/livez", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = "evil.test"
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		s.read(response, "/livez", want)
		if err := s.stop(); err != nil { // three that learn and embed at once would keep each other from starting
			t.Error(err)
		}
	}
}
