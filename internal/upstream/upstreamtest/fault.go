package upstreamtest

import (
	"fmt"
	"net/http"
	"time"
)

// Fault answers a call in place of the fake; answer is the body that would have been right.
type Fault func(w http.ResponseWriter, r *http.Request, answer []byte)

// Status answers with the status code and an HTML page, as proxies do.
func Status(code int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) { writeHTML(w, code) }
}

// TooMany answers 429 with the header Retry-After, in seconds or as an HTTP date.
func TooMany(retryAfter string) Fault { return Busy(http.StatusTooManyRequests, retryAfter) }

// Busy answers with the status code and the header Retry-After.
func Busy(code int, retryAfter string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("Retry-After", retryAfter)
		writeHTML(w, code)
	}
}

// HTMLPage answers 200 with an HTML page, as a captive portal or a misconfigured proxy does.
func HTMLPage() Fault { return Status(http.StatusOK) }

// BrokenJSON answers 200 with a body that is cut in the middle but declared whole.
func BrokenJSON() Fault {
	return func(w http.ResponseWriter, _ *http.Request, answer []byte) { _, _ = w.Write(answer[:len(answer)/2]) }
}

// CutBody breaks the connection in the middle of the body.
func CutBody() Fault {
	return func(w http.ResponseWriter, _ *http.Request, answer []byte) {
		w.Header().Set("Content-Length", fmt.Sprint(len(answer)))
		writeHalf(w, answer)
		panic(http.ErrAbortHandler)
	}
}

// Hang sends half of the body and then nothing, until the caller gives up.
func Hang() Fault {
	return func(w http.ResponseWriter, r *http.Request, answer []byte) {
		writeHalf(w, answer)
		<-r.Context().Done()
	}
}

// Slow waits before it answers as it should.
func Slow(wait time.Duration) Fault {
	return func(w http.ResponseWriter, r *http.Request, answer []byte) {
		select {
		case <-time.After(wait):
			_, _ = w.Write(answer)
		case <-r.Context().Done():
		}
	}
}

// Body answers 200 with body.
func Body(body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) { _, _ = w.Write([]byte(body)) }
}

// Redirect sends the caller to another address.
func Redirect(to string) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ []byte) { http.Redirect(w, r, to, http.StatusFound) }
}

func writeHTML(w http.ResponseWriter, code int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(code)
	_, _ = fmt.Fprintf(w, "<!DOCTYPE html><html><body><h1>%d %s</h1></body></html>", code, http.StatusText(code))
}

func writeHalf(w http.ResponseWriter, answer []byte) {
	_, _ = w.Write(answer[:len(answer)/2])
	_ = http.NewResponseController(w).Flush()
}
