package upstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"resonance/internal/errs"
)

// failure is why a try of a page did not succeed. It wraps nothing but a kind, so that no part of
// it can print what it was made from.
type failure struct {
	reason     string
	kind       error         // nil stands for errs.Unavailable
	retry      bool          // trying again may help
	retryAfter time.Duration // what upstream asked for; 0 when it did not
}

func (f *failure) Error() string { return f.reason }

func (f *failure) Unwrap() error {
	if f.kind == nil {
		return errs.Unavailable
	}
	return f.kind
}

// jitter spreads waits by this share to either side, so that replicas do not come back in step.
const jitter = 0.2

// withRetries runs try until it succeeds, fails for good, or the attempts are used up.
func (c *Client) withRetries(ctx context.Context, endpoint Endpoint, number int, try func(context.Context) (Page, error)) (Page, error) {
	policy := retrypolicy.NewBuilder[Page]().
		HandleIf(func(_ Page, err error) bool {
			var f *failure
			return errors.As(err, &f) && f.retry
		}).
		WithMaxAttempts(c.cfg.Limits.Attempts).
		WithBackoff(c.cfg.Limits.Backoff, c.cfg.Limits.MaxWait).
		WithJitterFactor(jitter).
		WithDelayFunc(c.askedDelay).
		ReturnLastFailure().
		OnRetryScheduled(func(e failsafe.ExecutionScheduledEvent[Page]) {
			c.cfg.Log.Warn().Str("endpoint", string(endpoint)).Int("page", number).Int("attempt", e.Attempts()).
				Dur("wait", e.Delay).Err(e.LastError()).Msg("upstream did not answer, trying again")
		}).
		Build()
	return failsafe.With(policy).WithContext(ctx).GetWithExecution(func(exec failsafe.Execution[Page]) (Page, error) {
		return try(exec.Context())
	})
}

// askedDelay returns the wait that upstream asked for, or -1 for the usual back-off. The policy
// spreads it by jitter too; it is stretched first, so that the wait is never shorter than asked.
func (c *Client) askedDelay(exec failsafe.ExecutionAttempt[Page]) time.Duration {
	var f *failure
	if !errors.As(exec.LastError(), &f) || f.retryAfter == 0 {
		return -1
	}
	return time.Duration(float64(min(f.retryAfter, c.cfg.Limits.MaxWait)) / (1 - jitter))
}

// attempt asks for a page once. Every error is ctx's own or a *failure.
func (c *Client) attempt(ctx context.Context, endpoint Endpoint, at route, number, size int) (Page, error) {
	limited, cancel := context.WithTimeout(ctx, c.cfg.Limits.Attempt)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodGet, c.address(at, number, size), http.NoBody)
	if err != nil {
		return Page{}, &failure{reason: "API_BASE_URL does not make a valid address"}
	}
	req.Header.Set("Flic-Token", c.cfg.Token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "resonance/"+c.cfg.Version)
	page, err := c.send(req, endpoint, at)
	if err == nil {
		return page, nil
	}
	if ctx.Err() != nil {
		return Page{}, ctx.Err()
	}
	return Page{}, c.failureOf(limited, err)
}

func (c *Client) send(req *http.Request, endpoint Endpoint, at route) (page Page, err error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return Page{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
		return Page{}, statusFailure(resp)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, c.cfg.Limits.MaxBody))
	if err != nil {
		return Page{}, err
	}
	c.cfg.Turn(func() { page, err = decodePage(endpoint, at, bytes.NewReader(body)) })
	return page, err
}

func statusFailure(resp *http.Response) *failure {
	f := &failure{reason: fmt.Sprintf("upstream answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))}
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		f.reason += ": it does not accept the token; check FLIC_TOKEN"
		f.kind = errs.Unauthorized
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		f.retry = true
		f.retryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	case code == http.StatusRequestTimeout, code >= 500:
		f.retry = true
	case code >= 300 && code < 500:
		f.reason += "; check API_BASE_URL"
	}
	return f
}

// retryAfter reads the header of that name, seconds or an HTTP date; 0 when it says nothing.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// failureOf turns what went wrong with a request or its body into a *failure without secrets:
// a *url.Error prints the whole address, others may quote what upstream sent.
func (c *Client) failureOf(limited context.Context, err error) *failure {
	var f *failure
	var tooBig *http.MaxBytesError
	var inURL *url.Error
	var badJSON *json.SyntaxError
	switch {
	case errors.As(err, &f):
		return &failure{reason: c.safe(f.reason), kind: f.kind, retry: f.retry, retryAfter: f.retryAfter}
	case limited.Err() != nil:
		return &failure{reason: fmt.Sprintf("no whole answer within %v", c.cfg.Limits.Attempt), retry: true}
	case errors.As(err, &tooBig):
		return &failure{reason: fmt.Sprintf("the answer is larger than %d bytes", tooBig.Limit)}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &failure{reason: "the answer was cut off", retry: true}
	case errors.As(err, &badJSON):
		return &failure{reason: c.safe("the answer is not JSON: " + err.Error()), retry: true}
	case errors.As(err, &inURL):
		return &failure{reason: c.safe(inURL.Err.Error()), retry: true}
	}
	return &failure{reason: c.safe(err.Error()), retry: true}
}

// safe removes the secrets, in plain and in escaped form, from a text that others wrote, and cuts
// it to a length fit for a log line.
func (c *Client) safe(s string) string {
	for _, secret := range []string{c.cfg.Token, c.cfg.Algorithm} {
		if secret == "" {
			continue
		}
		quoted := strconv.Quote(secret)
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), quoted[1 : len(quoted)-1]} {
			s = strings.ReplaceAll(s, form, "***")
		}
	}
	const longest = 300
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "..."
	}
	return s
}
