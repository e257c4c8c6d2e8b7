package replay

import (
	"fmt"

	"resonance/internal/feedlog"
	"resonance/internal/metric"
)

// row is one place of one feed, seen by one policy.
type row struct {
	user        int64
	reward      float64
	propensity  float64 // of what was shown
	agrees      bool    // the policy shows it too
	unsupported bool    // the policy shows what the log could not have shown
	drawn       bool    // a draw decided
}

type table []row

// add takes a feed for which the policy shows other posts.
func (t *table) add(user int64, places []feedlog.Place, shows []int64, rewards []float64) {
	for i, p := range places {
		*t = append(*t, row{
			user: user, reward: rewards[i], propensity: p.Propensity, agrees: shows[i] == p.Post,
			unsupported: propensity(p, shows[i]) == 0, drawn: len(p.Instead) > 0,
		})
	}
}

// propensity returns how likely a post was to stand at a place.
func propensity(p feedlog.Place, post int64) float64 {
	if p.Post == post {
		return p.Propensity
	}
	for _, o := range p.Instead {
		if o.Post == post {
			return o.Propensity
		}
	}
	return 0
}

// drawn returns the rows of places that a draw decided.
func (t table) drawn() table {
	var drawn table
	for _, r := range t {
		if r.drawn {
			drawn = append(drawn, r)
		}
	}
	return drawn
}

// resampling seeds the bootstrap, so that the same log has the same intervals.
const resampling = 1

// policy estimates what the policy is worth. That of the logged one is known: its weights are 1.
func (t table) policy(name, scope string, logged bool) Policy {
	p := Policy{Name: name, Scope: scope, Rows: len(t)}
	users, weights, weighted := make([]int64, len(t)), make([]float64, len(t)), make([]float64, len(t))
	agrees, rewards := make([]float64, len(t)), make([]float64, len(t))
	var sum, squares float64
	for i, r := range t {
		users[i] = r.user
		switch {
		case logged:
			weights[i] = 1
		case r.unsupported:
			p.Unsupported += 1 / float64(len(t))
		case r.agrees:
			weights[i] = 1 / r.propensity
		}
		if logged || r.agrees {
			agrees[i], rewards[i] = 1, r.reward
		}
		weighted[i] = weights[i] * r.reward
		sum, squares = sum+weights[i], squares+weights[i]*weights[i]
	}
	switch {
	case len(t) == 0:
		p.Impossible = "no place was logged"
	case p.Unsupported > mostUnsupported:
		p.Impossible = fmt.Sprintf("at %.0f %% of the places it shows posts that the log shows there with a propensity of 0, which no weight makes up for", 100*p.Unsupported)
	case sum == 0:
		p.Impossible = "no overlap: it never shows what was shown"
	default:
		p.IPS = metric.MeanInterval(weighted, users, resampling)
		p.SNIPS = metric.RatioInterval(weighted, weights, users, resampling)
		p.Mean = metric.RatioInterval(rewards, agrees, users, resampling)
		p.Effective = sum * sum / squares
	}
	return p
}
