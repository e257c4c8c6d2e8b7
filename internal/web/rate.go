package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/go-chi/httprate"

	"resonance/internal/caller"
)

const (
	rateWindow = time.Minute
	resetField = "Ratelimit-Reset"
)

// limitRate lets a key, or an address without one, ask so many times in a minute, measured over a
// sliding window in this process; 0 is no limit. Every counted answer says in the RateLimit fields
// how much is left; one too many is refused with 429 and Retry-After.
func limitRate(most int, refuse Refusal) func(http.Handler) http.Handler {
	if most == 0 {
		return func(next http.Handler) http.Handler { return next }
	}
	limiter := httprate.NewRateLimiter(most, rateWindow, httprate.WithResponseHeaders(httprate.ResponseHeaders{
		Limit: "Ratelimit-Limit", Remaining: "Ratelimit-Remaining", Reset: resetField,
	}))
	policy := fmt.Sprintf("%d;w=%.0f", most, rateWindow.Seconds())
	spend := func(r *http.Request) bool {
		asks, counted := countedAs(r)
		return !counted || !limiter.OnLimit(headers{}, r, asks)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if rec := recordOf(r.Context()); rec != nil {
				rec.spend = spend
			}
			asks, counted := countedAs(r)
			if !counted {
				next.ServeHTTP(w, r)
				return
			}
			exceeded := limiter.OnLimit(w, r, asks)
			w.Header().Set("Ratelimit-Policy", policy)
			left := untilReset(w.Header())
			if !exceeded {
				w.Header().Set(resetField, strconv.Itoa(left))
				next.ServeHTTP(w, r)
				return
			}
			again := strconv.Itoa(left + fading(most))
			w.Header().Set(resetField, again)
			w.Header().Set("Retry-After", again)
			refuse(w, r, http.StatusTooManyRequests, fmt.Sprintf("more than %d requests a minute", most))
		})
	}
}

// countedAs returns what a request is counted under, if it is. Probes are not counted, nor is this machine itself where no key is asked for.
func countedAs(r *http.Request) (name string, counted bool) {
	host, _, _ := net.SplitHostPort(r.RemoteAddr) // as net/http wrote it
	c := caller.Of(r.Context())
	if isProbe(r) || c.KeyID == "" && c.May(caller.Read) == nil && isLoopback(host) {
		return "", false
	}
	return Asker(r), true
}

// Asker names who makes a request: their key, or their address, of IPv6 the /64.
func Asker(r *http.Request) string {
	if c := caller.Of(r.Context()); c.KeyID != "" {
		return "key " + c.KeyID
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return "address " + httprate.CanonicalizeIP(host)
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// untilReset returns the seconds until the window ends, which httprate tells as a time.
func untilReset(header http.Header) int {
	end, _ := strconv.ParseInt(header.Get(resetField), 10, 64) // as httprate wrote it
	return int(max(1, end-time.Now().Unix()))
}

// fading returns after how many seconds of silence in a new window a full one before it lets a
// request through: its count fades evenly, and httprate rounds it down once half a request is gone.
func fading(most int) int { return 1 + int(rateWindow.Seconds())/(2*most) }

// isProbe reports whether a request asks how the process is, which is answered however busy it is.
func isProbe(r *http.Request) bool { return r.URL.Path == "/livez" || r.URL.Path == "/readyz" }
