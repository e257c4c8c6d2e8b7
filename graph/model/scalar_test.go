package model

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

func written(m graphql.Marshaler) string {
	var b strings.Builder
	m.MarshalGQL(&b)
	return b.String()
}

func TestIntStaysWithin32Bits(t *testing.T) {
	for v, want := range map[int64]string{0: "0", -7: "-7", math.MaxInt32: "2147483647", 1 << 31: "2147483647", math.MinInt64: "-2147483648"} {
		if got := written(MarshalInt(v)); got != want {
			t.Errorf("%d: %s, want %s", v, got, want)
		}
	}
}

func TestUnmarshalInt(t *testing.T) {
	for _, v := range []any{int64(5), json.Number("5")} {
		if got, err := UnmarshalInt(v); got != 5 || err != nil {
			t.Errorf("%T: %d, %v", v, got, err)
		}
	}
	for _, v := range []any{nil, "5", 5.0, true, json.Number("5.5"), json.Number("1e3")} {
		if got, err := UnmarshalInt(v); err == nil {
			t.Errorf("%T %v: %d", v, v, got)
		}
	}
}

func TestUnmarshalFloat(t *testing.T) {
	for _, v := range []any{int64(2), 2.0, json.Number("2"), json.Number("2e0")} {
		if got, err := UnmarshalFloat(t.Context(), v); got != 2 || err != nil {
			t.Errorf("%T: %g, %v", v, got, err)
		}
	}
	for _, v := range []any{"2", true, json.Number("")} {
		if got, err := UnmarshalFloat(t.Context(), v); err == nil {
			t.Errorf("%T %v: %g", v, v, got)
		}
	}
}

func TestDateTime(t *testing.T) {
	at := time.Date(2026, 1, 2, 5, 4, 5, 678e6, time.FixedZone("", 2*60*60))
	for _, test := range []struct {
		at   time.Time
		want string
	}{
		{at, `"2026-01-02T03:04:05.678Z"`}, {at.Truncate(time.Second), `"2026-01-02T03:04:05Z"`}, {time.UnixMilli(-1), `"1969-12-31T23:59:59.999Z"`},
	} {
		got := written(MarshalDateTime(test.at))
		if got != test.want {
			t.Errorf("wrote %s, want %s", got, test.want)
		}
		if back, err := UnmarshalDateTime(strings.Trim(got, `"`)); err != nil || !back.Equal(test.at) {
			t.Errorf("read %v, %v", back, err)
		}
	}
	for _, v := range []any{nil, "", "2026-01-02", "2026-01-02 03:04:05", int64(1)} {
		if got, err := UnmarshalDateTime(v); err == nil {
			t.Errorf("%v: %v", v, got)
		}
	}
}
