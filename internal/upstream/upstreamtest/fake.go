// Package upstreamtest is a fake of the upstream API that speaks real HTTP: it serves rows page by
// page in the real envelopes, and misbehaves on demand.
//
// A test starts one with New; the program in fakeupstream serves a folder of rows.
package upstreamtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"resonance/internal/upstream"
)

// Token and Algorithm are what the fakes made by New ask for.
const (
	Token     = "flic_0123456789abcdef"
	Algorithm = "resonance_algorithm_secret"
)

// Owner is the user whose history the interaction endpoints answer with when a call lacks the
// algorithm secret.
const Owner = 1

// Request is one call that a fake received with the right token.
type Request struct {
	Number     int // 1 for the first call to the fake
	Endpoint   upstream.Endpoint
	Page, Size int
	Algorithm  bool // the call carried the algorithm secret
	UserAgent  string
}

// Fake answers as upstream does. It is safe for concurrent use.
type Fake struct {
	token, algorithm string

	mu       sync.Mutex
	tables   map[upstream.Endpoint]*table
	script   map[upstream.Endpoint][]Fault
	hook     func(Request) Fault
	requests []Request
}

// NewFake returns a fake that serves rows to callers who send token.
func NewFake(rows Rows, token, algorithm string) *Fake {
	f := &Fake{token: token, algorithm: algorithm, tables: map[upstream.Endpoint]*table{}, script: map[upstream.Endpoint][]Fault{}}
	for _, endpoint := range upstream.Endpoints() {
		f.tables[endpoint] = &table{}
		for _, row := range rows[endpoint] {
			f.tables[endpoint].put(row)
		}
	}
	return f
}

// Server is a Fake that listens.
type Server struct {
	*Fake
	URL string
}

// New starts a fake that serves rows until the test ends.
func New(t testing.TB, rows Rows) *Server {
	t.Helper()
	return Serve(t, NewFake(rows, Token, Algorithm))
}

// Serve starts fake until the test ends.
func Serve(t testing.TB, fake *Fake) *Server {
	t.Helper()
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	return &Server{Fake: fake, URL: server.URL}
}

// Client returns a client of the fake, with small limits unless change says otherwise.
func (s *Server) Client(t testing.TB, log zerolog.Logger, change ...func(*upstream.Config)) *upstream.Client {
	t.Helper()
	cfg := upstream.Config{
		BaseURL: s.URL, Token: Token, Algorithm: Algorithm, Version: "test", Log: log,
		Limits: upstream.Limits{Attempts: 3, Backoff: 1, MaxWait: 1},
	}
	for _, c := range change {
		c(&cfg)
	}
	client, err := upstream.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// Put adds rows, or replaces those of the same ids. A row is any value that encodes to a JSON
// object, for instance a json.RawMessage or a map.
func (f *Fake) Put(endpoint upstream.Endpoint, rows ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, row := range rows {
		raw, err := json.Marshal(row)
		if err != nil {
			panic("upstreamtest: a row that is not JSON: " + err.Error())
		}
		f.tables[endpoint].put(raw)
	}
}

// Remove takes rows away.
func (f *Fake) Remove(endpoint upstream.Endpoint, ids ...int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		f.tables[endpoint].remove(id)
	}
}

// Next makes the next calls to endpoint go wrong, one fault each in order; nil stands for a call
// that goes well.
func (f *Fake) Next(endpoint upstream.Endpoint, faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.script[endpoint] = append(f.script[endpoint], faults...)
}

// OnRequest calls hook before each answer is made. The hook may change the fake's rows; a fault
// that it returns spoils the answer, if no fault of Next does. A nil hook ends this.
func (f *Fake) OnRequest(hook func(Request) Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook = hook
}

// Requests returns the calls received so far.
func (f *Fake) Requests() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

// ServeHTTP answers one call.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	endpoint, known := endpointOf(r.URL.Path)
	switch {
	case r.Header.Get("Flic-Token") != f.token:
		refuse(w, http.StatusUnauthorized, "Unauthorized")
		return
	case !known || r.Method != http.MethodGet:
		refuse(w, http.StatusNotFound, "Not found")
		return
	}
	query := r.URL.Query()
	req, hook := f.record(Request{
		Endpoint: endpoint, Page: number(query.Get("page"), 1), Size: number(query.Get("page_size"), 10),
		Algorithm: query.Get("resonance_algorithm") == f.algorithm, UserAgent: r.UserAgent(),
	})
	var fault Fault
	if hook != nil {
		fault = hook(req)
	}
	answer, scripted := f.answer(req)
	if scripted != nil {
		fault = scripted
	}
	w.Header().Set("Content-Type", "application/json")
	if fault != nil {
		fault(w, r, answer)
		return
	}
	_, _ = w.Write(answer)
}

func (f *Fake) record(req Request) (Request, func(Request) Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	req.Number = len(f.requests) + 1
	f.requests = append(f.requests, req)
	return req, f.hook
}

// answer returns the right answer, and the fault that the script holds for this call.
func (f *Fake) answer(req Request) ([]byte, Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var fault Fault
	if script := f.script[req.Endpoint]; len(script) > 0 {
		fault, f.script[req.Endpoint] = script[0], script[1:]
	}
	rows := *f.tables[req.Endpoint]
	if req.Endpoint != upstream.Posts && req.Endpoint != upstream.Users && !req.Algorithm {
		rows = f.history(rows)
	}
	first := min((req.Page-1)*req.Size, len(rows))
	return envelope(req, rows[first:min(first+req.Size, len(rows))]), fault
}

func number(s string, otherwise int) int {
	if n, err := strconv.Atoi(s); err == nil && n > 0 && n <= 1e6 {
		return n
	}
	return otherwise
}

// history returns, for each event of the Owner, the whole post as upstream's older answers hold it.
func (f *Fake) history(events table) table {
	var posts table
	for _, event := range events {
		var row struct {
			PostID int64 `json:"post_id"`
			UserID int64 `json:"user_id"`
		}
		if json.Unmarshal(event.raw, &row) != nil || row.UserID != Owner {
			continue
		}
		i, known := f.tables[upstream.Posts].find(row.PostID)
		if !known {
			continue
		}
		var keys map[string]json.RawMessage
		if json.Unmarshal((*f.tables[upstream.Posts])[i].raw, &keys) != nil {
			continue
		}
		keys["post_summary"] = json.RawMessage("[]")
		raw, err := json.Marshal(keys)
		if err == nil {
			posts = append(posts, tableRow{id: row.PostID, raw: raw})
		}
	}
	return posts
}

// refuse answers with an error of upstream's own form.
func refuse(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	var body bytes.Buffer
	_ = json.NewEncoder(&body).Encode(map[string]string{"status": "error", "message": message})
	_, _ = w.Write(body.Bytes())
}
