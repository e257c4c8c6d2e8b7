package web

import (
	"net/http"

	"resonance/internal/caller"
)

// recognise puts who asks into the request's context and the id of their key into the log. It
// turns nobody away: that is for the doors, which know what is open to all.
func recognise(keys caller.Keyring) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c := keys.Authorized(r.Header.Get("Authorization"))
			if c.KeyID != "" {
				Annotate(r.Context(), "key", c.KeyID)
			}
			next.ServeHTTP(w, r.WithContext(caller.With(r.Context(), c)))
		})
	}
}
