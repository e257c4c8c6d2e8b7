package upstream_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"resonance/internal/errs"
	"resonance/internal/upstream"
	"resonance/internal/upstream/upstreamtest"
)

func limits(l upstream.Limits) func(*upstream.Config) {
	return func(cfg *upstream.Config) { cfg.Limits = l }
}

// quick makes retries wait next to nothing. impatient also ends a try after half a second, which an answer
// that is right takes only where the machine has no time at all.
var (
	quick     = limits(upstream.Limits{Attempts: 3, Backoff: 1, MaxWait: 1})
	impatient = limits(upstream.Limits{Attempts: 3, Attempt: 500 * time.Millisecond, Backoff: 1, MaxWait: 1})
)

func TestFaultsThatPassAreTriedAgain(t *testing.T) {
	for name, fault := range map[string]upstreamtest.Fault{
		"500":         upstreamtest.Status(500),
		"503":         upstreamtest.Status(503),
		"408":         upstreamtest.Status(408),
		"429":         upstreamtest.TooMany("1"),
		"cut body":    upstreamtest.CutBody(),
		"broken JSON": upstreamtest.BrokenJSON(),
		"HTML page":   upstreamtest.HTMLPage(),
		"hang":        upstreamtest.Hang(),
	} {
		t.Run(name, func(t *testing.T) {
			fake := upstreamtest.New(t, nil)
			fake.Put(upstream.Users, map[string]any{"id": 1, "username": "u"})
			patience := quick
			if name == "hang" {
				patience = impatient
			}
			client := fake.Client(t, zerolog.Nop(), patience)

			fake.Next(upstream.Users, fault, fault)
			page, err := client.Page(t.Context(), upstream.Users, 1, 10)
			if err != nil || len(page.Users) != 1 || len(fake.Requests()) != 3 {
				t.Errorf("after two faults: %+v, %v, %d calls", page, err, len(fake.Requests()))
			}

			fake.Next(upstream.Users, fault, fault, fault)
			if _, err = client.Page(t.Context(), upstream.Users, 1, 10); !errors.Is(err, errs.Unavailable) {
				t.Errorf("after three faults: %v", err)
			}
			if calls := len(fake.Requests()); calls != 6 {
				t.Errorf("%d calls, want 3 for each page", calls)
			}
		})
	}
}

func TestFaultsThatStayAreNotTriedAgain(t *testing.T) {
	for code, kind := range map[int]error{401: errs.Unauthorized, 403: errs.Unauthorized, 400: errs.Unavailable, 404: errs.Unavailable, 304: errs.Unavailable} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			fake := upstreamtest.New(t, nil)
			fake.Next(upstream.Likes, upstreamtest.Status(code))
			_, err := fake.Client(t, zerolog.Nop(), quick).Page(t.Context(), upstream.Likes, 1, 10)
			if !errors.Is(err, kind) || len(fake.Requests()) != 1 {
				t.Errorf("got %v after %d calls", err, len(fake.Requests()))
			}
			if named := strings.Contains(fmt.Sprint(err), "FLIC_TOKEN"); named != errors.Is(kind, errs.Unauthorized) {
				t.Errorf("FLIC_TOKEN named: %v, in %v", named, err)
			}
		})
	}
}

func TestWrongTokenNamesTheSetting(t *testing.T) {
	fake := upstreamtest.New(t, nil)
	client := fake.Client(t, zerolog.Nop(), func(cfg *upstream.Config) { cfg.Token = "not-the-token" })
	_, err := client.Page(t.Context(), upstream.Posts, 1, 10)
	if !errors.Is(err, errs.Unauthorized) || !strings.Contains(err.Error(), "FLIC_TOKEN") || strings.Contains(err.Error(), "not-the-token") {
		t.Errorf("got %v", err)
	}
}

func TestBodyIsBounded(t *testing.T) {
	fake := upstreamtest.New(t, nil)
	fake.Put(upstream.Users, map[string]any{"id": 1, "username": strings.Repeat("u", 2000)})
	client := fake.Client(t, zerolog.Nop(), limits(upstream.Limits{MaxBody: 1000}))
	_, err := client.Page(t.Context(), upstream.Users, 1, 10)
	if !errors.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "larger than 1000 bytes") || len(fake.Requests()) != 1 {
		t.Errorf("got %v after %d calls", err, len(fake.Requests()))
	}
}

func TestRedirects(t *testing.T) {
	other := upstreamtest.New(t, nil)
	fake := upstreamtest.New(t, nil)
	client := fake.Client(t, zerolog.Nop(), quick)

	fake.Next(upstream.Posts, upstreamtest.Redirect(other.URL+"/posts/summary/get"))
	_, err := client.Page(t.Context(), upstream.Posts, 1, 10)
	if !errors.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "another host") || len(other.Requests()) != 0 {
		t.Errorf("to another host: %v, %d calls there", err, len(other.Requests()))
	}

	fake.Next(upstream.Posts, upstreamtest.Redirect("/posts/summary/get?page=1&page_size=7"))
	page, err := client.Page(t.Context(), upstream.Posts, 1, 10)
	if err != nil || page.MaxRows != 7 {
		t.Errorf("to the same host: %+v, %v", page, err)
	}
}

func TestRedirectToPlainHTTPIsRefused(t *testing.T) {
	via := func(r *http.Request) (*http.Response, error) {
		if r.URL.Scheme == "http" {
			t.Error("the token went out in the clear")
		}
		return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {"http://api.example.com/posts/view"}}, Body: http.NoBody, Request: r}, nil
	}
	_, err := newClient(t, via, upstream.Limits{Attempts: 1}).Page(t.Context(), upstream.Views, 1, 10)
	if err == nil || !strings.Contains(err.Error(), "from https to http") {
		t.Errorf("got %v", err)
	}
}

func TestCallsCarryWhatUpstreamAsksFor(t *testing.T) {
	fake := upstreamtest.New(t, nil)
	client := fake.Client(t, zerolog.Nop(), func(cfg *upstream.Config) { cfg.Version = "1.2.3" })
	for _, endpoint := range upstream.Endpoints() {
		if _, err := client.Page(t.Context(), endpoint, 4, 50); err != nil {
			t.Fatal(err)
		}
		requests := fake.Requests()
		got := requests[len(requests)-1]
		interactions := endpoint != upstream.Posts && endpoint != upstream.Users
		want := upstreamtest.Request{Number: len(requests), Endpoint: endpoint, Page: 4, Size: 50, Algorithm: interactions, UserAgent: "resonance/1.2.3"}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestBaseURLMayHaveAPath(t *testing.T) {
	fake := upstreamtest.New(t, nil)
	for _, path := range []string{"", "/", "/v2", "/v2/"} {
		var asked string
		via := func(r *http.Request) (*http.Response, error) {
			asked = r.URL.Path
			return response(200, `{"posts":[]}`), nil
		}
		client := fake.Client(t, zerolog.Nop(), func(cfg *upstream.Config) {
			cfg.BaseURL = "https://api.example.com" + path
			cfg.HTTP = &http.Client{Transport: roundTrip(via)}
		})
		if _, err := client.Page(t.Context(), upstream.Views, 1, 10); err != nil {
			t.Fatal(err)
		}
		if want := strings.TrimSuffix(path, "/") + "/posts/view"; asked != want {
			t.Errorf("base path %q: asked %s", path, asked)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, tt := range map[string]struct {
		cfg  upstream.Config
		says string
	}{
		"no address": {upstream.Config{Token: "t"}, "API_BASE_URL"},
		"no scheme":  {upstream.Config{Token: "t", BaseURL: "api.example.com"}, "API_BASE_URL"},
		"ftp":        {upstream.Config{Token: "t", BaseURL: "ftp://api.example.com"}, "API_BASE_URL"},
		"no token":   {upstream.Config{BaseURL: "https://api.example.com"}, "FLIC_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := upstream.New(tt.cfg); !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
		})
	}
	client, err := upstream.New(upstream.Config{Token: "t", BaseURL: "https://api.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = client.Page(t.Context(), "comments", 1, 10); !errors.Is(err, errs.Invalid) {
		t.Errorf("an unknown endpoint: %v", err)
	}
}

func TestCancelEndsATryAtOnce(t *testing.T) {
	fake := upstreamtest.New(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	fake.OnRequest(func(upstreamtest.Request) upstreamtest.Fault {
		cancel()
		return upstreamtest.Hang()
	})
	_, err := fake.Client(t, zerolog.Nop()).Page(ctx, upstream.Posts, 1, 10)
	if !errors.Is(err, context.Canceled) || errors.Is(err, errs.Unavailable) {
		t.Errorf("got %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func response(code int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: code, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

func newClient(t *testing.T, via roundTrip, limits upstream.Limits) *upstream.Client {
	t.Helper()
	client, err := upstream.New(upstream.Config{
		BaseURL: "https://api.example.com", Token: upstreamtest.Token, HTTP: &http.Client{Transport: via}, Limits: limits,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// waits returns how long a client with the default limits waits before each try when upstream
// answers with answers, in turn.
func waits(t *testing.T, answers ...func() *http.Response) []time.Duration {
	t.Helper()
	var waited []time.Duration
	last := time.Now()
	client := newClient(t, func(*http.Request) (*http.Response, error) {
		waited = append(waited, time.Since(last))
		last = time.Now()
		if len(waited) > len(answers) {
			return response(200, `{"posts":[]}`), nil
		}
		return answers[len(waited)-1](), nil
	}, upstream.Limits{})
	if _, err := client.Page(t.Context(), upstream.Posts, 1, 10); err != nil {
		t.Fatal(err)
	}
	return waited[1:]
}

func between(t *testing.T, got, low, high time.Duration) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("waited %v, want %v to %v", got, low, high)
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	for name, tt := range map[string]struct {
		code      int
		header    func() string
		low, high time.Duration
	}{
		"429 seconds":      {429, func() string { return "7" }, 7 * time.Second, 11 * time.Second},
		"503 seconds":      {503, func() string { return "7" }, 7 * time.Second, 11 * time.Second},
		"429 date":         {429, func() string { return time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat) }, 19 * time.Second, 31 * time.Second},
		"capped":           {429, func() string { return "86400" }, 2 * time.Minute, 3*time.Minute + time.Second},
		"past date":        {429, func() string { return "Mon, 01 Jan 1990 00:00:00 GMT" }, 400 * time.Millisecond, 600 * time.Millisecond},
		"nonsense":         {429, func() string { return "soon" }, 400 * time.Millisecond, 600 * time.Millisecond},
		"negative":         {429, func() string { return "-5" }, 400 * time.Millisecond, 600 * time.Millisecond},
		"not asked at 500": {500, func() string { return "7" }, 400 * time.Millisecond, 600 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := waits(t, func() *http.Response { return response(tt.code, "", "Retry-After", tt.header()) })
				between(t, got[0], tt.low, tt.high)
			})
		})
	}
}

func TestBackOffDoublesWithJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := func() *http.Response { return response(502, "") }
		got := waits(t, down, down, down, down)
		for i, middle := range []time.Duration{500, 1000, 2000, 4000} {
			between(t, got[i], middle*800*time.Microsecond, middle*1200*time.Microsecond)
		}
	})
}

func TestCancelEndsAWaitAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		client := newClient(t, func(*http.Request) (*http.Response, error) {
			time.AfterFunc(time.Second, cancel)
			return response(429, "", "Retry-After", "60"), nil
		}, upstream.Limits{})
		start := time.Now()
		_, err := client.Page(ctx, upstream.Posts, 1, 10)
		if !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}
