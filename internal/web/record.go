package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync"

	"github.com/rs/zerolog"
)

// RequestIDHeader carries the request id both ways.
const RequestIDHeader = "X-Request-Id"

// record is what is known of a request besides the request itself. Resolvers of one GraphQL
// request run at the same time, hence the lock.
type record struct {
	id string

	lingers bool // is open for longer than its answer takes; set before the handler returns

	leave func()                         // gives the request's place among those in flight back
	enter func() (leave func(), ok bool) // takes another
	spend func(*http.Request) bool       // counts one more request of a caller

	mu    sync.Mutex
	notes []note
	quiet bool
}

type note struct{ key, value string }

type recordKey struct{}

func recordOf(ctx context.Context) *record {
	rec, _ := ctx.Value(recordKey{}).(*record)
	return rec
}

// RequestID returns the id of the request that ctx belongs to, or "" outside of one.
func RequestID(ctx context.Context) string {
	if rec := recordOf(ctx); rec != nil {
		return rec.id
	}
	return ""
}

// Annotate adds key and value to the log line of the request that ctx belongs to; a key that is
// given again replaces its value. Outside of a request it does nothing. Safe for concurrent use.
func Annotate(ctx context.Context, key, value string) {
	rec := recordOf(ctx)
	if rec == nil {
		return
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	for i := range rec.notes {
		if rec.notes[i].key == key {
			rec.notes[i].value = value
			return
		}
	}
	rec.notes = append(rec.notes, note{key, value})
}

// Quiet says that the request that ctx belongs to is a routine one, such as a health probe: its
// log line is of level debug unless the request fails. Outside of a request it does nothing.
func Quiet(ctx context.Context) {
	if rec := recordOf(ctx); rec != nil {
		rec.mu.Lock()
		rec.quiet = true
		rec.mu.Unlock()
	}
}

// appendTo adds the annotations to a log line.
func (rec *record) appendTo(line *zerolog.Event) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	for _, n := range rec.notes {
		line.Str(n.key, clip(n.value))
	}
}

func (rec *record) isQuiet() bool {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.quiet
}

// identify gives the request its record. A sane id that the client sends is kept, so that a
// request can be followed through several services; the answer repeats the id.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(RequestIDHeader)
		if !saneID(id) {
			id = rand.Text()
		}
		w.Header().Set(RequestIDHeader, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), recordKey{}, &record{id: id})))
	})
}

// saneID reports whether id is 1 to 64 letters, digits and "-_.:", which UUIDs, ULIDs and trace
// ids are made of.
func saneID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-', c == '_', c == '.', c == ':':
		default:
			return false
		}
	}
	return true
}
