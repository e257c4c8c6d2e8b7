package recommend

import (
	"fmt"

	"resonance/internal/errs"
)

// The length of a feed.
const (
	DefaultTopK = 10
	MaxTopK     = 100
)

// Request asks for a feed.
type Request struct {
	Username string // not empty; an unknown one is a new user
	Project  string // project code, case ignored; "" is no filter, an unknown one gives an empty feed
	TopK     int    // 1..MaxTopK
}

// Check reports the first field that is wrong; the error wraps errs.Invalid.
func (r Request) Check() error {
	if r.Username == "" {
		return fmt.Errorf("%w: username: must not be empty", errs.Invalid)
	}
	if r.TopK < 1 || r.TopK > MaxTopK {
		return fmt.Errorf("%w: topK: %d is not in 1..%d", errs.Invalid, r.TopK, MaxTopK)
	}
	return nil
}
