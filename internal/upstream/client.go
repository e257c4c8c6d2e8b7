package upstream

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"resonance/internal/errs"
)

// Config says which upstream to read and how.
type Config struct {
	BaseURL   string // as "https://api.example.com", with or without a path
	Token     string // sent as the header Flic-Token
	Algorithm string // sent as resonance_algorithm; without it interactions name no user
	Version   string // of this program, for the User-Agent

	// Turn runs the reading of an answer that has come, some hundredths of a second of work, when it is its turn
	// among other work in the background; nil: at once.
	Turn func(work func())

	HTTP   *http.Client   // nil: one of its own; its redirect rule is replaced
	Log    zerolog.Logger // gets a line for every retry
	Limits Limits         // the zero value is right outside tests
}

// Limits bound what one call may cost. A zero field takes the default named beside it.
type Limits struct {
	Attempts int           // tries of a page: 5
	Attempt  time.Duration // one try, its body included: 1 minute
	Backoff  time.Duration // before the first retry, doubled for each further one: 500 ms
	MaxWait  time.Duration // the longest back-off and the longest Retry-After obeyed: 2 minutes
	MaxBody  int64         // bytes of an answer, uncompressed: 64 MiB
}

func (l Limits) withDefaults() Limits {
	setDefault(&l.Attempts, 5)
	setDefault(&l.Attempt, time.Minute)
	setDefault(&l.Backoff, 500*time.Millisecond)
	setDefault(&l.MaxWait, 2*time.Minute)
	setDefault(&l.MaxBody, 64<<20)
	l.Backoff = min(l.Backoff, l.MaxWait)
	return l
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Client reads pages from one upstream. It is safe for concurrent use. Neither the token nor the
// algorithm secret is in any error it returns or line it logs.
type Client struct {
	cfg  Config
	base *url.URL
	http *http.Client
}

// New returns a client; an error wraps errs.Invalid and names the setting that is wrong.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("%w: API_BASE_URL: is not an http or https address", errs.Invalid)
	}
	if cfg.Token == "" {
		return nil, fmt.Errorf("%w: FLIC_TOKEN: is missing; upstream asks for it on every call", errs.Invalid)
	}
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.Turn == nil {
		cfg.Turn = func(work func()) { work() }
	}
	httpClient := http.Client{Transport: transport()}
	if cfg.HTTP != nil {
		httpClient = *cfg.HTTP
	}
	httpClient.CheckRedirect = sameHostOnly
	return &Client{cfg: cfg, base: base, http: &httpClient}, nil
}

func transport() *http.Transport {
	dialer := net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second, IdleConnTimeout: 90 * time.Second,
	}
}

// sameHostOnly refuses redirects that would carry the token to another host, or in the clear.
func sameHostOnly(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case len(via) >= 5:
		return &failure{reason: "upstream redirects in circles"}
	case next.URL.Host != first.Host:
		return &failure{reason: fmt.Sprintf("upstream redirects to another host, %s, which does not get the token; if that is right, set API_BASE_URL to it", next.URL.Host)}
	case first.Scheme == "https" && next.URL.Scheme != "https":
		return &failure{reason: "upstream redirects from https to http, where the token would be readable"}
	}
	return nil
}

// Page fetches page number (1-based) of endpoint with at most size rows, trying again what may
// pass: 5xx, 408 and 429 answers, cut connections, time-outs, and answers that are not the JSON
// expected. An error wraps errs.Unauthorized when upstream refuses the token, ctx's error when ctx
// ended, else errs.Unavailable.
func (c *Client) Page(ctx context.Context, endpoint Endpoint, number, size int) (Page, error) {
	at, ok := endpoint.route()
	if !ok || number < 1 || size < 1 {
		return Page{}, fmt.Errorf("%w: page %d of %d rows of endpoint %q", errs.Invalid, number, size, endpoint)
	}
	page, err := c.withRetries(ctx, endpoint, number, func(ctx context.Context) (Page, error) {
		return c.attempt(ctx, endpoint, at, number, size)
	})
	if err != nil {
		return Page{}, fmt.Errorf("read %s page %d: %w", endpoint, number, err)
	}
	page.Number = number
	if page.MaxRows == 0 {
		page.MaxRows = size
	}
	return page, nil
}

// address returns the URL of a page. It holds the algorithm secret: never print it.
func (c *Client) address(at route, number, size int) string {
	query := url.Values{"page": {strconv.Itoa(number)}, "page_size": {strconv.Itoa(size)}}
	if at.kind != 0 && c.cfg.Algorithm != "" {
		query.Set("resonance_algorithm", c.cfg.Algorithm)
	}
	u := c.base.JoinPath(at.path)
	u.RawQuery = query.Encode()
	return u.String()
}
