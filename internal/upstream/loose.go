package upstream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/errs"
)

// The types below read what upstream writes for one and the same key: null, an absent key, a
// number in quotes, [] where an object is absent. Each fails with a *json.UnmarshalTypeError, to
// which encoding/json adds the key.

// number reads a number, a number in quotes, or nothing ("" or null), which is 0.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	s := strings.TrimSpace(string(bytes.Trim(b, `"`)))
	if s == "" || s == "null" {
		*n = 0
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return mismatch[number](b)
	}
	*n = number(f)
	return nil
}

// id returns n as an id in 1..limit, else an error that names key and wraps errs.Invalid.
func (n number) id(key string, limit int64) (int64, error) {
	if f := float64(n); f != math.Trunc(f) || f < 1 || f > float64(limit) {
		return 0, fmt.Errorf("%w: %s: is not a whole number in 1..%d", errs.Invalid, key, limit)
	}
	return int64(n), nil
}

// count returns n as a counter, whole and within 0..catalog.MaxID.
func (n number) count() int64 { return n.within(0, catalog.MaxID) }

// within returns n rounded, or the nearer bound when it lies outside.
func (n number) within(low, high float64) int64 {
	return int64(math.Round(min(max(float64(n), low), high)))
}

// millis returns n as a time in epoch milliseconds; years outside 1..9999 have no RFC 3339 form
// and are an error that wraps errs.Invalid, as is the zero time.Time, which stands for no time.
func (n number) millis(key string) (time.Time, error) {
	const zero, last = -62135596800000, 253402300799999
	if n <= zero || n > last {
		return time.Time{}, fmt.Errorf("%w: %s: is not in the years 1..9999", errs.Invalid, key)
	}
	return time.UnixMilli(int64(n)).UTC(), nil
}

// text reads a string, a number as it is written, or null, which is "".
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		return json.Unmarshal(b, (*string)(t))
	case 'n':
		*t = ""
	case '{', '[', 't', 'f':
		return mismatch[text](b)
	default:
		*t = text(b)
	}
	return nil
}

// flag reads a boolean, also as 0 or 1 or in quotes; null is false.
type flag bool

func (f *flag) UnmarshalJSON(b []byte) error {
	switch string(bytes.Trim(b, `"`)) {
	case "true", "1":
		*f = true
	case "false", "0", "", "null":
		*f = false
	default:
		return mismatch[flag](b)
	}
	return nil
}

// optional reads an object that upstream writes as [] or null when there is none.
type optional[T any] struct{ value *T }

func (o *optional[T]) UnmarshalJSON(b []byte) error {
	switch {
	case b[0] == '{':
		o.value = new(T)
		return json.Unmarshal(b, o.value)
	case b[0] == 'n', b[0] == '[' && len(bytes.TrimSpace(b[1:len(b)-1])) == 0:
		o.value = nil
		return nil
	}
	return mismatch[optional[T]](b)
}

func mismatch[T any](b []byte) error {
	found := "number"
	switch b[0] {
	case '{':
		found = "object"
	case '[':
		found = "array"
	case '"':
		found = "string"
	case 't', 'f':
		found = "boolean"
	}
	return &json.UnmarshalTypeError{Value: found, Type: reflect.TypeFor[T]()}
}

// reason says why a row could not be read, without quoting it.
func reason(err error) string {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err.Error()
	}
	wanted := "an object or []"
	switch wrong.Type {
	case reflect.TypeFor[number]():
		wanted = "a number"
	case reflect.TypeFor[text]():
		wanted = "text"
	case reflect.TypeFor[flag]():
		wanted = "a boolean"
	case reflect.TypeFor[[]text]():
		wanted = "an array"
	}
	if wrong.Field == "" {
		return fmt.Sprintf("the %s is not an object", wrong.Value)
	}
	return fmt.Sprintf("%s: the %s is not %s", wrong.Field, wrong.Value, wanted)
}
