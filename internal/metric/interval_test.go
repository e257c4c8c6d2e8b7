package metric_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"resonance/internal/metric"
)

// sample returns n values around centre, two lists for each of n/2 users.
func sample(n int, centre float64) (values []float64, users []int64) {
	random := rand.New(rand.NewPCG(9, 9))
	for i := range n {
		values = append(values, centre+random.NormFloat64())
		users = append(users, int64(i/2))
	}
	return values, users
}

func TestMeanIntervalHasTheWidthOfTheory(t *testing.T) {
	values, users := sample(2000, 3)
	got := metric.MeanInterval(values, users, 1)
	if half := 1.96 / math.Sqrt(2000); math.Abs((got.High-got.Low)/2-half) > .15*half {
		t.Errorf("half width = %v, want about %v", (got.High-got.Low)/2, half)
	}
	if got.Low >= got.Mean || got.High <= got.Mean || math.Abs(got.Mean-3) > .1 {
		t.Errorf("interval = %+v, want one around 3", got)
	}
}

func TestMeanIntervalIsDeterministic(t *testing.T) {
	values, users := sample(100, 0)
	if a, b := metric.MeanInterval(values, users, 5), metric.MeanInterval(values, users, 5); a != b {
		t.Errorf("one seed gave %v and %v", a, b)
	}
	if a, b := metric.MeanInterval(values, users, 5), metric.MeanInterval(values, users, 6); a == b {
		t.Errorf("two seeds gave the same %v", a)
	}
}

// TestUsersAreResampled repeats every value within its user: were lists resampled instead, the
// interval would narrow.
func TestUsersAreResampled(t *testing.T) {
	values, users := sample(200, 0)
	var repeated []float64
	var owners []int64
	for i := range values {
		for range 9 {
			repeated, owners = append(repeated, values[i]), append(owners, users[i])
		}
	}
	once, many := metric.MeanInterval(values, users, 1), metric.MeanInterval(repeated, owners, 1)
	if math.Abs(once.Low-many.Low) > 1e-9 || math.Abs(once.High-many.High) > 1e-9 {
		t.Errorf("repeating lists changed %v into %v", once, many)
	}
}

func TestEdgesOfAnInterval(t *testing.T) {
	if got := metric.MeanInterval(nil, nil, 1); got != (metric.Interval{}) {
		t.Errorf("interval of nothing = %v, want zero", got)
	}
	want := metric.Interval{Mean: .5, Low: .5, High: .5}
	if got := metric.MeanInterval([]float64{0, 1}, []int64{4, 4}, 1); got != want {
		t.Errorf("interval of one user = %v, want %v", got, want)
	}
}

func TestPairedDifference(t *testing.T) {
	base, users := sample(400, 0)
	better := make([]float64, len(base))
	random := rand.New(rand.NewPCG(2, 2))
	for i := range base {
		better[i] = base[i] + .05 + .1*random.NormFloat64()
	}
	// The gain is a twentieth of the spread between lists: only pairing shows it.
	if got := metric.PairedDifference(better, base, users, 1); !got.ExcludesZero() || got.Low <= 0 {
		t.Errorf("difference = %v, want above zero", got)
	}
	if got := metric.PairedDifference(base, better, users, 1); !got.ExcludesZero() || got.High >= 0 {
		t.Errorf("difference = %v, want below zero", got)
	}
	if got := metric.PairedDifference(base, base, users, 1); got.ExcludesZero() || got != (metric.Interval{}) {
		t.Errorf("difference to itself = %v, want zero", got)
	}
}
