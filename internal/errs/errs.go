// Package errs names the kinds of error that a caller may act on.
//
// A layer wraps a kind once, as in fmt.Errorf("read post %d: %w", id, errs.NotFound), and
// callers ask with errors.Is. The doors (graph, rest) map each kind to a code; an error of
// no kind is an internal error, whose text a client never sees.
package errs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

var (
	// NotFound says that the thing asked for does not exist, or may not be seen by the caller.
	NotFound = errors.New("not found")
	// Invalid says that the input is wrong; the wrapping text names the field and what it accepts.
	Invalid = errors.New("invalid input")
	// Conflict says that the input contradicts what was accepted before.
	Conflict = errors.New("conflict")
	// Unauthorized says that a credential is missing or wrong.
	Unauthorized = errors.New("unauthorized")
	// Forbidden says that the caller is known and may not do this.
	Forbidden = errors.New("forbidden")
	// Unavailable says that a dependency did not answer; the same call may succeed later.
	Unavailable = errors.New("unavailable")
)

// Detail returns what the text of err says after the words of kind, which err wraps: for Invalid,
// NotFound, Conflict, Unauthorized and Forbidden that is written for clients, while what stands before says
// where in the program the error was met. ok is false where nothing follows.
func Detail(err, kind error) (detail string, ok bool) {
	_, detail, ok = strings.Cut(err.Error(), kind.Error()+": ")
	return detail, ok
}

// OneOf reports whether value is among those allowed for the field called name; the error wraps
// Invalid and lists them.
func OneOf(name, value string, allowed []string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%w: %s: %q is not one of %s", Invalid, name, value, strings.Join(allowed, ", "))
}
