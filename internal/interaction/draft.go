package interaction

import (
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"resonance/internal/errs"
)

// Draft is an interaction as a client of the API tells it. What is left out is zero or nil.
type Draft struct {
	Key      string // the client's idempotency key
	Username string
	PostID   int64
	Kind     Kind
	Value    *int64    // as Interaction.Value
	At       time.Time // zero: when it is recorded
	Watch    Watch     // of a view, in place of Value

	Wrong error // why the door could not read it; the draft is rejected with this
}

// Watch is how long a video was watched, both in seconds, nil for unknown.
type Watch struct{ Watched, Duration *float64 }

// Outcome is what became of a draft.
type Outcome struct {
	Interaction Interaction // as stored, under the client's key; of a duplicate, as it was before
	Duplicate   bool        // nothing changed: it was recorded before, or has been removed since
	Err         error       // of a rejected draft; of the kinds Invalid, NotFound, Forbidden, Conflict
}

// Clients' clocks may run ahead by maxAhead; names and keys are short in every honest client.
const (
	maxAhead = 5 * time.Minute
	maxText  = 255 // characters
)

// Interaction returns what the draft says, recorded at now if it does not say when. The error
// wraps errs.Invalid and names the field.
func (d *Draft) Interaction(now time.Time) (Interaction, error) {
	if d.Wrong != nil {
		return Interaction{}, d.Wrong
	}
	i := Interaction{Key: d.Key, Username: d.Username, PostID: d.PostID, Kind: d.Kind, Value: NoValue}
	at, err := checkTime(d.At, now)
	if err != nil {
		return Interaction{}, err
	}
	i.At = at
	if err := d.checkTexts(); err != nil {
		return Interaction{}, err
	}
	if i.Value, err = d.value(); err != nil {
		return Interaction{}, err
	}
	return i, i.Check()
}

func (d *Draft) checkTexts() error {
	if d.Username == "" {
		return fmt.Errorf("%w: username: must not be empty", errs.Invalid)
	}
	for _, text := range []struct{ name, text string }{{"username", d.Username}, {"idempotency key", d.Key}} {
		if n := utf8.RuneCountInString(text.text); n > maxText {
			return fmt.Errorf("%w: %s: has %d characters, more than %d", errs.Invalid, text.name, n, maxText)
		}
	}
	return nil
}

// watching names both times as GraphQL and as REST do.
const watching = "watchedSeconds and durationSeconds (watched_seconds and duration_seconds)"

// value returns the value that the draft states, or that its watching times amount to.
func (d *Draft) value() (int, error) {
	switch percent, timed, err := d.Watch.percent(); {
	case err != nil:
		return NoValue, err
	case timed && d.Kind != View:
		return NoValue, fmt.Errorf("%w: "+watching+": belong to a view", errs.Invalid)
	case timed && d.Value != nil:
		return NoValue, fmt.Errorf("%w: value: give either it or "+watching, errs.Invalid)
	case timed:
		return percent, nil
	case d.Value == nil:
		return NoValue, nil
	}
	value := int(min(max(*d.Value, math.MinInt32), math.MaxInt32))
	if d.Kind.Valid() && d.Kind.HasValue() && value < 0 { // NoValue is no value that may be stated
		return NoValue, d.Kind.outside(value)
	}
	return value, nil
}

// percent returns how much of the video was watched, 0..100 rounded to the nearest: a video that
// loops is watched to the end. timed is false when nothing is known.
func (w Watch) percent() (percent int, timed bool, err error) {
	switch {
	case w.Watched == nil && w.Duration == nil:
		return NoValue, false, nil
	case w.Watched == nil || w.Duration == nil:
		return 0, true, fmt.Errorf("%w: "+watching+": give both or neither", errs.Invalid)
	case !(*w.Watched >= 0) || math.IsInf(*w.Watched, 0):
		return 0, true, fmt.Errorf("%w: watchedSeconds (watched_seconds): %v is not 0 or more", errs.Invalid, *w.Watched)
	case !(*w.Duration > 0) || math.IsInf(*w.Duration, 0):
		return 0, true, fmt.Errorf("%w: durationSeconds (duration_seconds): %v is not more than 0", errs.Invalid, *w.Duration)
	}
	return int(math.Round(100 * min(*w.Watched / *w.Duration, 1))), true, nil
}

// checkTime returns at with the precision of events, now for the zero time.
func checkTime(at, now time.Time) (time.Time, error) {
	if at.IsZero() {
		at = now
	}
	if at.After(now.Add(maxAhead)) {
		return time.Time{}, aheadError(fmt.Sprintf("%s: at: is more than %.0f minutes ahead of the server's %s",
			errs.Invalid, maxAhead.Minutes(), now.UTC().Format(time.RFC3339)))
	}
	return at.UTC().Truncate(time.Millisecond), nil
}

// ErrAhead is what the error for a time too far ahead wraps, besides errs.Invalid: it is wrong by the
// server's clock only.
var ErrAhead = errors.New("ahead of the clock")

type aheadError string

// Error says what is wrong.
func (e aheadError) Error() string { return string(e) }

// Is reports the kinds that the error is of.
func (aheadError) Is(kind error) bool { return kind == ErrAhead || kind == errs.Invalid }

// Removal is what a client of the API no longer wants to have done: every event of a kind on a
// post, up to a time.
type Removal struct {
	Username string
	PostID   int64
	Kind     Kind
	At       time.Time // zero: all there are
}

// Check reports the first field that is wrong; the error wraps errs.Invalid.
func (r *Removal) Check(now time.Time) error {
	d := Draft{Username: r.Username}
	if err := d.checkTexts(); err != nil {
		return err
	}
	at, err := checkTime(r.At, now)
	if err != nil {
		return err
	}
	i := Interaction{Username: r.Username, PostID: r.PostID, Kind: r.Kind, Value: NoValue, At: at}
	if r.Kind == Rating {
		i.Value = 1 // whatever it was
	}
	return i.Check()
}
