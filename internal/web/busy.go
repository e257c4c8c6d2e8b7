package web

import "net/http"

// MaxInFlight is how many requests are answered at the same time. One more is refused at once
// rather than queued: its client can ask another replica, and those in flight are not slowed.
const MaxInFlight = 512

func limitInFlight(most int, refuse Refusal) func(http.Handler) http.Handler {
	places := make(chan struct{}, most)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if isProbe(r) {
				next.ServeHTTP(w, r)
				return
			}
			leave, ok := enter(places)
			if !ok {
				w.Header().Set("Retry-After", "1")
				refuse(w, r, http.StatusServiceUnavailable, "too many requests at the moment; the same one may succeed later")
				return
			}
			defer leave()
			if rec := recordOf(r.Context()); rec != nil {
				rec.leave, rec.enter = leave, func() (func(), bool) { return enter(places) }
			}
			next.ServeHTTP(w, r)
		})
	}
}
