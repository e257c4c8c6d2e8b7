package upstream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"resonance/internal/upstream"
	"resonance/internal/upstream/upstreamtest"
)

// The secrets hold characters that change when they are escaped in an address, in quotes or in JSON.
const (
	secretToken     = `tok/en+"with %41 odd&chars`
	secretAlgorithm = `algo\rithm=secret ü`
)

// leaks returns the forms of the secrets that text holds.
func leaks(text string) []string {
	var found []string
	for _, secret := range []string{secretToken, secretAlgorithm} {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(strconv.Quote(secret), `"`)} {
			if strings.Contains(text, form) {
				found = append(found, form)
			}
		}
	}
	return found
}

func TestSecretsAreInNoErrorAndNoLogLine(t *testing.T) {
	echo := secretToken + " " + secretAlgorithm + " " + url.QueryEscape(secretToken) + " " + url.QueryEscape(secretAlgorithm)
	long := strings.Repeat("x", 295-len("upstream answered with status error: ")) + secretToken // cut in the middle of the token
	faults := map[string]upstreamtest.Fault{
		"401": upstreamtest.Status(401), "403": upstreamtest.Status(403), "404": upstreamtest.Status(404), "500": upstreamtest.Status(500),
		"429": upstreamtest.TooMany(echo), "cut": upstreamtest.CutBody(), "broken": upstreamtest.BrokenJSON(), "HTML": upstreamtest.HTMLPage(), "hang": upstreamtest.Hang(),
		"echo in message":     upstreamtest.Body(fmt.Sprintf(`{"status":"error","message":%q,"posts":[]}`, echo)),
		"echo in status":      upstreamtest.Body(fmt.Sprintf(`{"status":%q,"posts":[]}`, echo)),
		"echo cut short":      upstreamtest.Body(fmt.Sprintf(`{"status":"error","message":%q,"posts":[]}`, long)),
		"echo in body":        upstreamtest.Body(echo),
		"redirect elsewhere":  upstreamtest.Redirect("http://elsewhere.invalid/?x=" + url.QueryEscape(secretAlgorithm)),
		"redirect to secret":  upstreamtest.Redirect("http://" + url.PathEscape("tok") + ".invalid:99999/" + url.PathEscape(secretToken)),
		"redirect to nowhere": upstreamtest.Redirect("http://%zz" + url.QueryEscape(secretAlgorithm)),
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			checkSecrets(t, func(_ *upstream.Config, fake *upstreamtest.Fake) {
				fake.OnRequest(func(upstreamtest.Request) upstreamtest.Fault { return fault })
			})
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		checkSecrets(t, func(cfg *upstream.Config, _ *upstreamtest.Fake) { cfg.BaseURL = "http://127.0.0.1:1" })
	})
	t.Run("transport prints the request", func(t *testing.T) {
		checkSecrets(t, func(cfg *upstream.Config, _ *upstreamtest.Fake) {
			cfg.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				return nil, fmt.Errorf("proxy refused %v %v", r.URL, r.Header)
			})}
		})
	})
}

// checkSecrets reads a page that fails as arrange says and looks for the secrets in the error, in
// every error it wraps, and in the log.
func checkSecrets(t *testing.T, arrange func(*upstream.Config, *upstreamtest.Fake)) {
	t.Helper()
	fake := upstreamtest.NewFake(nil, secretToken, secretAlgorithm)
	server := upstreamtest.Serve(t, fake)
	var log bytes.Buffer
	client := server.Client(t, zerolog.New(&log), impatient, func(cfg *upstream.Config) {
		cfg.Token, cfg.Algorithm = secretToken, secretAlgorithm
		arrange(cfg, fake)
	})
	_, err := client.Page(t.Context(), upstream.Views, 1, 10)
	if err == nil {
		t.Fatal("the page was read")
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if found := leaks(fmt.Sprintf("%v %+v %#v", e, e, e)); found != nil {
			t.Errorf("%T leaks %q: %v", e, found, e)
		}
	}
	if found := leaks(log.String()); found != nil {
		t.Errorf("the log leaks %q: %s", found, log.String())
	}
	if strings.Contains(err.Error()+log.String(), secretToken[:6]) {
		t.Errorf("a part of the token leaks: %v\n%s", err, log.String())
	}
}

func TestSecretsAreNotInTheErrorOfACancelledCall(t *testing.T) {
	fake := upstreamtest.New(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := fake.Client(t, zerolog.Nop()).Page(ctx, upstream.Views, 1, 10)
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), upstreamtest.Algorithm) {
		t.Errorf("got %v", err)
	}
}
