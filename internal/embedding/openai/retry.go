package openai

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"resonance/internal/errs"
)

const (
	maxRetries = 4
	firstPause = 500 * time.Millisecond // doubled from one retry to the next
	maxPause   = time.Minute            // a server that asks for a longer one is left alone
)

// statusError is an answer other than 200.
type statusError struct {
	code       int
	retryAfter time.Duration // 0: the server does not say
	message    string        // may be empty; holds no key
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("status %d", e.code)
	if e.message != "" {
		text += ": " + e.message
	}
	return text
}

// Unwrap tells texts that the server will never take from a server that can't answer now.
func (e *statusError) Unwrap() error {
	switch e.code {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return errs.Invalid
	}
	return errs.Unavailable
}

// retryPolicy repeats what may succeed later. All pauses come from pause: the jitter of the
// library would shorten those that a server asks for.
func retryPolicy() retrypolicy.RetryPolicy[[][]float32] {
	return retrypolicy.NewBuilder[[][]float32]().
		HandleIf(func(_ [][]float32, err error) bool { return mayPass(err) }).
		WithMaxRetries(maxRetries).
		WithDelayFunc(func(exec failsafe.ExecutionAttempt[[][]float32]) time.Duration {
			return pause(exec.Retries(), exec.LastError())
		}).
		ReturnLastFailure().
		Build()
}

// mayPass says whether the same request may succeed a little later.
func mayPass(err error) bool {
	var status *statusError
	if !errors.As(err, &status) {
		return err != nil
	}
	switch status.code {
	case http.StatusNotImplemented:
		return false
	case http.StatusTooManyRequests, http.StatusRequestTimeout:
		return status.retryAfter <= maxPause
	}
	return status.code >= 500 && status.retryAfter <= maxPause
}

// pause is how long to wait after a failure that had been retried so many times before: what
// the server asks for and up to a tenth more, or half to all of a doubling time.
func pause(retries int, err error) time.Duration {
	var status *statusError
	if errors.As(err, &status) && status.retryAfter > 0 {
		return status.retryAfter + rand.N(status.retryAfter/10+1)
	}
	full := firstPause << retries
	return full/2 + rand.N(full/2)
}

// retryAfter reads the Retry-After header, which is seconds or a date; 0 when there is none.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), 1<<30)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}
