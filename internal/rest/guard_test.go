package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/recommend"
	"resonance/internal/web"
)

// newKey returns a keyring with one key, and its Authorization.
func newKey(t *testing.T, scope string, projects ...string) (keys caller.Keyring, authorization string) {
	t.Helper()
	key, line, err := caller.NewKey([]string{scope}, projects)
	if err != nil {
		t.Fatal(err)
	}
	if keys, err = caller.ParseKeyring(line); err != nil {
		t.Fatal(err)
	}
	return keys, "Bearer " + key
}

// guarded is a door that asks for keys, and the Authorization of a key with this scope.
func guarded(t *testing.T, scope string, projects ...string) (d door, authorization string) {
	t.Helper()
	keys, authorization := newKey(t, scope, projects...)
	return newDoorFor(keys, func(c *Config) { c.Keys = true }), authorization
}

func TestWhatIsOpenWithoutAKey(t *testing.T) {
	for target, status := range map[string]int{
		"/": 200, "/livez": 200, "/readyz": 200, "/openapi.json": 200, "/metrics": 401, "/feed?username=ada": 401, "/feed": 401,
	} {
		d, authorization := guarded(t, "read")
		for _, wrong := range []string{"", authorization + "x"} {
			w := d.get(target, "Authorization", wrong)
			if w.Code != status || (status == 401) != (w.Header().Get("WWW-Authenticate") == "Bearer") {
				t.Errorf("%s with %q: %d", target, wrong, w.Code)
			}
			if status == 401 {
				readProblem(t, w)
			}
		}
		if w := d.get(target, "Authorization", authorization); w.Code == 401 {
			t.Errorf("%s with the key: %d", target, w.Code)
		}
		if strings.Contains(d.log.String(), authorization[7:]) {
			t.Errorf("the key is in the log: %s", d.log)
		}
	}
}

func TestOnlyAKeyOfNoProjectSeesCounts(t *testing.T) {
	keys := func(d door, authorization string) (keys int, metrics int) {
		var body map[string]any
		if err := json.Unmarshal(d.get("/", "Authorization", authorization).Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		return len(body), d.get("/metrics", "Authorization", authorization).Code
	}
	free, freeKey := guarded(t, "read")
	bound, boundKey := guarded(t, "admin", "vible")
	for name, test := range map[string]struct {
		door          door
		authorization string
		keys, metrics int
	}{
		"no key": {free, "", 2, 401}, "free": {free, freeKey, 8, 200}, "bound": {bound, boundKey, 2, 403},
	} {
		if keys, metrics := keys(test.door, test.authorization); keys != test.keys || metrics != test.metrics {
			t.Errorf("%s: GET / has %d keys, /metrics answers %d", name, keys, metrics)
		}
	}
}

func TestAKeyFeedsItsProjectOnly(t *testing.T) {
	d, authorization := guarded(t, "read", "vible")
	for target, want := range map[string]struct {
		status  int
		project string
	}{
		"/feed?username=ada":                     {200, "vible"},
		"/feed?username=ada&project_code=":       {200, "vible"},
		"/feed?username=ada&project_code=VIBLE":  {200, "VIBLE"},
		"/feed?username=ada&project_code=eacc":   {403, ""},
		"/feed?username=ada&project_code=nobody": {403, ""},
	} {
		d.feeds.asked.Project = ""
		if w := d.get(target, "Authorization", authorization); w.Code != want.status || d.feeds.asked.Project != want.project {
			t.Errorf("%s: %d, asked %q: %s", target, w.Code, d.feeds.asked.Project, w.Body)
		}
	}
}

func TestTheDocumentSaysWhatTakesAKey(t *testing.T) {
	_, doc := document(t)
	if doc["security"] == nil {
		t.Error("by default no key is asked for")
	}
	for path, item := range doc["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			isOpen := cmp.Equal(operation.(map[string]any)["security"], []any{map[string]any{}})
			_, refuses := operation.(map[string]any)["responses"].(map[string]any)["401"]
			if isOpen == refuses {
				t.Errorf("%s %s: open %t, answers 401 %t", strings.ToUpper(method), path, isOpen, refuses)
			}
		}
	}
}

// What the form of another site can send without asking for leave is refused.
func TestAPostMustBeJSON(t *testing.T) {
	router := web.NewRouter(web.Config{Log: zerolog.Nop(), Metrics: web.NewMetrics()})
	operations := humachi.New(router, describe("1"))
	operations.UseMiddleware(guard)
	posted := 0
	huma.Register(operations, huma.Operation{OperationID: "post", Method: http.MethodPost, Path: "/it", Security: needs(caller.Write)},
		func(context.Context, *struct{ Body struct{} }) (*struct{}, error) { posted++; return nil, nil })
	for media, status := range map[string]int{
		"application/json": 204, "": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "multipart/form-data; boundary=x": 415,
	} {
		posted = 0
		r := httptest.NewRequest(http.MethodPost, "/it", strings.NewReader("{}"))
		r.Header.Set("Content-Type", media)
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		if w.Code != status || posted != 0 == (status != 204) {
			t.Errorf("%q: %d, posted %d times: %s", media, w.Code, posted, w.Body)
		}
	}
}

func TestAnOperationHasTenSeconds(t *testing.T) {
	for _, test := range []struct {
		takes  time.Duration
		status int
	}{{10*time.Second - 1, 200}, {10*time.Second + 1, 503}} {
		synctest.Test(t, func(t *testing.T) {
			d := newDoor(func(c *Config) {
				c.Health = func(ctx context.Context) (Health, error) {
					select {
					case <-ctx.Done():
						return Health{}, ctx.Err()
					case <-time.After(test.takes):
						return Health{}, nil
					}
				}
			})
			if w := d.get("/"); w.Code != test.status {
				t.Errorf("after %s: %d %s", test.takes, w.Code, w.Body)
			}
		})
	}
}

func TestTheDocumentOfAServerWithoutKeysSaysNothingOfThem(t *testing.T) {
	body := newDoor(nil).get("/openapi.json").Body.String()
	for _, word := range []string{"security", "bearer", `"401"`} {
		if strings.Contains(body, word) {
			t.Errorf("it says %s", word)
		}
	}
}

func TestCountsOfOtherProjectsAreNotInAFeed(t *testing.T) {
	for project, want := range map[string]string{"eacc": `"count":208`, "vible": `"count":0`} {
		d, authorization := guarded(t, "read", project)
		d.feeds.feed = recommend.Feed{Items: []recommend.Item{{Post: &catalog.Post{ID: 1, Category: &catalog.Category{Name: "E/ACC", Count: 208}}}}}
		if body := d.get("/feed?username=ada", "Authorization", authorization).Body.String(); !strings.Contains(body, want) {
			t.Errorf("%s: %s", project, body)
		}
	}
}
