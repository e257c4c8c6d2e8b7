// Package openai embeds texts over HTTP with any server that speaks OpenAI's embeddings API.
package openai

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go"

	"resonance/internal/errs"
)

const (
	// batch is how many texts a request carries: the most that common self-hosted servers take
	// by default.
	batch = 32
	// maxCharacters is how much of a text is sent. It is about 500 tokens of English, which
	// small models read; those that read less cut for themselves.
	maxCharacters = 2000
	// attemptTimeout bounds one request and its answer. Servers on a CPU may need most of it.
	attemptTimeout = time.Minute
)

// Config says which server to ask.
type Config struct {
	URL   string // http or https; the API's root, its /v1, or the whole .../embeddings
	Model string // the name by which the server knows the model
	Key   string // sent as a bearer token when not empty; never part of an error

	Transport http.RoundTripper // nil: http.DefaultTransport
}

// Endpoint embeds texts with a remote model. It is safe for concurrent use.
type Endpoint struct {
	url      *url.URL
	model    string
	key      string
	client   *http.Client
	attempts failsafe.Executor[[][]float32]
	dim      atomic.Int64 // 0 until the first answer
}

// New returns an endpoint without asking the server anything. An error wraps errs.Invalid and
// names the setting that is wrong.
func New(c Config) (*Endpoint, error) {
	u, err := embeddingsURL(c.URL)
	if err != nil {
		return nil, err
	}
	if c.Model == "" {
		return nil, fmt.Errorf("EMBEDDING_MODEL is needed where EMBEDDING_URL is set: %w", errs.Invalid)
	}
	return &Endpoint{
		url:   u,
		model: c.Model,
		key:   c.Key,
		client: &http.Client{
			Transport: c.Transport,
			Timeout:   attemptTimeout,
			// A redirected key could reach another server.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		attempts: failsafe.With(retryPolicy()),
	}, nil
}

// embeddingsURL completes what people write into EMBEDDING_URL.
func embeddingsURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("EMBEDDING_URL must be an http or https URL: %w", errs.Invalid)
	}
	if u.User != nil {
		return nil, fmt.Errorf("EMBEDDING_URL must not hold a password, use EMBEDDING_KEY: %w", errs.Invalid)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	switch {
	case strings.HasSuffix(u.Path, "/embeddings"):
	case strings.HasSuffix(u.Path, "/v1"):
		u.Path += "/embeddings"
	default:
		u.Path += "/v1/embeddings"
	}
	u.RawPath = ""
	return u, nil
}

// Model names the remote model and the host that runs it, since another host may run it with
// other arithmetic. Vectors of different names must not be compared.
func (e *Endpoint) Model() string { return e.model + "@" + e.url.Host }

// Dim returns the length of every vector, or 0 before the server has answered once.
func (e *Endpoint) Dim() int { return int(e.dim.Load()) }

// Embed returns the unit vectors of texts, in their order. Only the first 2,000 characters of a
// text are sent, in requests of 32 texts, one after the other; each is tried up to 5 times with
// growing pauses, or those that the server asks for up to a minute. It keeps nothing on error:
// one wraps errs.Invalid when the server refuses the texts, errs.Unavailable when it does not
// answer, or not as it should, and ctx's error when that ended.
func (e *Endpoint) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	vectors := make([][]float32, 0, len(texts))
	for from := 0; from < len(texts); from += batch {
		inputs := make([]string, 0, batch)
		for _, text := range texts[from:min(from+batch, len(texts))] {
			inputs = append(inputs, input(text))
		}
		answer, err := e.attempts.WithContext(ctx).Get(func() ([][]float32, error) {
			return e.post(ctx, inputs)
		})
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("embed %d texts at %s: %w", len(inputs), e.url.Host, err)
		}
		vectors = append(vectors, answer...)
	}
	return vectors, nil
}

// input is what is sent for a text. OpenAI refuses the empty string.
func input(text string) string {
	count := 0
	for i := range text {
		if count == maxCharacters {
			text = text[:i]
			break
		}
		count++
	}
	if text == "" {
		return " "
	}
	return text
}

// accept checks the vectors of an answer, of which there is at least one, and scales them to
// length 1. The first answer accepted fixes their dimension.
func (e *Endpoint) accept(vectors [][]float32) error {
	want := len(vectors[0])
	for _, v := range vectors {
		if len(v) != want {
			return unavailable("vectors of %d and %d numbers in one answer", want, len(v))
		}
		if !normalise(v) {
			return unavailable("a vector has no direction")
		}
	}
	if !e.dim.CompareAndSwap(0, int64(want)) && e.Dim() != want {
		return unavailable("vectors have %d numbers, those before had %d", want, e.Dim())
	}
	return nil
}

// normalise scales v to length 1, or returns false when it has none.
func normalise(v []float32) bool {
	var squares float64
	for _, x := range v {
		squares += float64(x) * float64(x)
	}
	if squares == 0 {
		return false
	}
	inverse := 1 / math.Sqrt(squares)
	for i, x := range v {
		v[i] = float32(float64(x) * inverse)
	}
	return true
}
