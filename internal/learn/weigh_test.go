package learn

import (
	"math"
	"math/rand/v2"
	"testing"

	"resonance/internal/rank"
)

// The slope of the objective is what its values say, wherever it is asked.
func TestSlope(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	o := &objective{ridge: .01, slope: make([]float64, len(rank.Prior()))}
	for range 20 {
		q := question{hits: []int{r.IntN(50), 50 + r.IntN(50)}}
		for range o.slope {
			cells := make([]float32, 100)
			for i := range cells {
				cells[i] = float32(r.NormFloat64())
			}
			q.cells = append(q.cells, cells)
		}
		o.lists = append(o.lists, q)
	}
	weights := rank.Prior()
	for s := range weights {
		weights[s] *= 3 * r.Float64()
	}
	o.move(weights)
	slope := append([]float64(nil), o.slope...)
	for s := range weights {
		const step = .02
		ahead, behind := append([]float64(nil), weights...), append([]float64(nil), weights...)
		ahead[s], behind[s] = ahead[s]+step, behind[s]-step
		o.move(ahead)
		value := o.value
		o.move(behind)
		if got := (value - o.value) / (2 * step); math.Abs(got-slope[s]) > 1e-3*(1+math.Abs(got)) {
			t.Errorf("along weight %d values rise by %g, the slope is %g", s, got, slope[s])
		}
	}
}

// By hand: a relevant candidate that all others are far below ranks first, one that is level with one of them
// between the first and the second place.
func TestSmoothGainByHand(t *testing.T) {
	tests := map[string]struct {
		cells []float32
		want  float64
	}{
		"first":  {[]float32{50, -50, -50}, 1},
		"level":  {[]float32{50, 50, -50}, 1 / math.Log2(2.5)},
		"second": {[]float32{0, 100, -100}, 1 / math.Log2(3)},
		"last":   {[]float32{-100, 0, 0}, .5},
	}
	for name, test := range tests {
		o := &objective{at: []float64{1}, slope: make([]float64, 1)}
		if got := o.ask(&question{hits: []int{0}, cells: [][]float32{test.cells}}); math.Abs(got-test.want) > 1e-6 {
			t.Errorf("%s: %g, want %g", name, got, test.want)
		}
	}
}

func TestSigmoid(t *testing.T) {
	limit := float32(furthest)
	for _, x := range []float32{0, .5, -3.3, 7, limit, -limit, math.Nextafter32(limit, 0), math.Nextafter32(-limit, 0), 1e30, -1e30, float32(math.Inf(1)), float32(math.Inf(-1))} {
		if got, want := sigmoid(x), 1/(1+math.Exp(-float64(x))); math.Abs(float64(got)-want) > 1e-5 {
			t.Errorf("of %g: %g, want %g", x, got, want)
		}
	}
	if got := sigmoid(float32(math.NaN())); got != 1 {
		t.Errorf("of no number: %g", got)
	}
}
