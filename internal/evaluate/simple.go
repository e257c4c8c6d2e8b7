package evaluate

import (
	"context"
	"fmt"
	"math"
	"time"

	"resonance/internal/evaluate/protocol"
	"resonance/internal/interaction"
	"resonance/internal/vector"
)

// popular scores an item by the users who touched it, each .5^((now - at)/halfLife) for the
// moment of the list; a halfLife of 0 counts everyone fully.
func popular(halfLife time.Duration) func(context.Context, *world, *training) (scorer, error) {
	return func(_ context.Context, w *world, t *training) (scorer, error) {
		counts, counted := make([]float64, len(w.items)), int64(math.MinInt64)
		return func(l *protocol.List, out []float64) {
			if counted != l.Now {
				count(counts, t.visits, l.Now, halfLife)
				counted = l.Now
			}
			copy(out, counts)
		}, nil
	}
}

// count overwrites counts with the visits before now.
func count(counts []float64, visits []visit, now int64, halfLife time.Duration) {
	clear(counts)
	for _, v := range visits {
		switch {
		case v.at >= now:
			return
		case halfLife == 0:
			counts[v.item]++
		default:
			counts[v.item] += math.Exp2(-float64(now-v.at) / float64(halfLife.Milliseconds()))
		}
	}
}

func decayed(halfLife time.Duration) variant {
	return variant{fmt.Sprintf("half-life %g days", days(halfLife)), popular(halfLife)}
}

// feedOrder scores an item by its nearness in the order of creation to the newest last items of
// the history; what was created later counts later-fold.
//
//	score_j = sum over positions p, i their items, of .7^p (later if j came after i, else 1) / (1 + |places between|)
func feedOrder(last int, later float64) variant {
	const decay = .7
	label := fmt.Sprintf("last %d, later %g", last, later)
	return variant{label, func(_ context.Context, w *world, _ *training) (scorer, error) {
		return func(l *protocol.List, out []float64) {
			clear(out)
			weight := 1.
			for p := range min(last, len(l.History)) {
				at := w.order[l.History[len(l.History)-1-p].Item]
				for j := range out {
					distance := float64(w.order[j] - at)
					near := weight / (1 + math.Abs(distance))
					if distance > 0 {
						near *= later
					}
					out[j] += near
				}
				weight *= decay
			}
		}, nil
	}}
}

// plain is the plain design: three signals, each brought to 0..1 over the candidates of a list,
// and a weighted sum of them.
//
//	likeness      cos(mean embedding of the history, embedding)
//	interactions  log(1 + what everyone's events add up to), see kindPull
//	ratings       mean rating, shrunk by 5 of everyone's
func plain(likeness, interactions, ratings float64) variant {
	label := fmt.Sprintf("likeness %g, interactions %g, ratings %g", likeness, interactions, ratings)
	return variant{label, func(_ context.Context, w *world, t *training) (scorer, error) {
		pull, rating := crowd(w, t)
		candidates := newRanker(w.items, 0)
		return func(l *protocol.List, out []float64) {
			clear(out)
			candidates.see(l, true)
			candidates.add(out, likeness, likenesses(w, l), l)
			candidates.add(out, interactions, pull, l)
			candidates.add(out, ratings, rating, l)
			candidates.see(l, false)
		}, nil
	}}
}

// add adds the weighted signal, brought to 0..1 over the list's candidates, to out.
func (r *ranker) add(out []float64, weight float64, signal []float64, l *protocol.List) {
	low, high := r.bounds(l, signal)
	scale := weight / max(high-low, 1e-12)
	for i, x := range signal {
		out[i] += scale * (x - low)
	}
}

// bounds returns the least and the largest signal of the list's candidates.
func (r *ranker) bounds(l *protocol.List, signal []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for i := range signal {
		if r.open(l, i) {
			low, high = min(low, signal[i]), max(high, signal[i])
		}
	}
	return low, high
}

// crowd returns what everyone's events in training say of every item.
func crowd(w *world, t *training) (pull, rating []float64) {
	const prior = 5
	pull, rating = make([]float64, len(w.items)), make([]float64, len(w.items))
	counts := make([]float64, len(w.items))
	var sum, n float64
	for i := range t.events {
		e := &t.events[i]
		pull[e.Item] += kindPull(e)
		if interaction.Kind(e.Kind) == interaction.Rating {
			rating[e.Item] += e.Value
			counts[e.Item]++
			sum, n = sum+e.Value, n+1
		}
	}
	mean := sum / max(1, n)
	for i := range pull {
		pull[i] = math.Log1p(pull[i])
		rating[i] = (rating[i] + prior*mean) / (counts[i] + prior)
	}
	return pull, rating
}

// likenesses returns the cosine of every item to the mean embedding of the history.
func likenesses(w *world, l *protocol.List) []float64 {
	var mean []float32
	for _, touch := range l.History {
		v := w.vectors[touch.Item]
		if mean == nil && v != nil {
			mean = make([]float32, len(v))
		}
		if v != nil {
			vector.AddScaled(mean, 1, v)
		}
	}
	out := make([]float64, len(w.items))
	if mean == nil || !vector.Normalise(mean) {
		return out
	}
	for i, v := range w.vectors {
		if len(v) == len(mean) {
			out[i] = float64(vector.Dot(mean, v))
		}
	}
	return out
}
