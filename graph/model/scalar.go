package model

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// MarshalInt writes GraphQL's Int. It has 32 bits, so a counter beyond them shows the largest
// value there is.
func MarshalInt(v int64) graphql.Marshaler {
	return intMarshaler(min(max(v, math.MinInt32), math.MaxInt32))
}

// UnmarshalInt reads GraphQL's Int. Its range is for the reader to check, who knows which it is.
func UnmarshalInt(v any) (int64, error) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case json.Number:
		if number, err := v.Int64(); err == nil {
			return number, nil
		}
	}
	return 0, errors.New("must be an integer")
}

type intMarshaler int64

// MarshalGQL writes the number in decimal.
func (i intMarshaler) MarshalGQL(w io.Writer) {
	_, _ = io.WriteString(w, strconv.FormatInt(int64(i), 10))
}

// MarshalFloat writes GraphQL's Float; what is no number of it is an error.
func MarshalFloat(v float64) graphql.ContextMarshaler { return graphql.MarshalFloatContext(v) }

// UnmarshalFloat reads GraphQL's Float: a number, not a text of one.
func UnmarshalFloat(ctx context.Context, v any) (float64, error) {
	if _, isText := v.(string); isText {
		return 0, errors.New("must be a number")
	}
	return graphql.UnmarshalFloatContext(ctx, v)
}

// MarshalDateTime writes an instant as RFC 3339 in UTC, with as many decimals as it has.
func MarshalDateTime(t time.Time) graphql.Marshaler { return timeMarshaler(t) }

// UnmarshalDateTime reads RFC 3339.
func UnmarshalDateTime(v any) (time.Time, error) {
	text, _ := v.(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, errors.New("must be a time as RFC 3339, such as 2026-01-02T03:04:05Z")
	}
	return at.UTC(), nil
}

type timeMarshaler time.Time

// MarshalGQL writes the time as a JSON string.
func (t timeMarshaler) MarshalGQL(w io.Writer) {
	var room [len(time.RFC3339Nano) + 2]byte
	text := time.Time(t).UTC().AppendFormat(append(room[:0], '"'), time.RFC3339Nano)
	_, _ = w.Write(append(text, '"'))
}
