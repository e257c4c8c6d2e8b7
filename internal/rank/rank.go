package rank

import (
	"math"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/vector"
)

// Meter measures the signals of posts for one request. Every signal is normalised by what the
// whole catalogue is like, never by the candidates at hand, so a post's score does not depend on
// which other posts were retrieved.
//
//	similarity   cos(user embedding, post embedding)                                    -1..1
//	interaction  x/(x+x̄)     x: pull of everyone's events on the post, x̄: its mean      0..1
//	engagement   .4·u/(u+ū) + .3·v/(v+v̄) + .3·average_rating/100                      -.3..1
//	             u, v: upvotes and views as upstream counts them, ū, v̄: their means
//	freshness    1/(1 + age/7 days)                                                     0..1
//
// x/(x+x̄) is 0 for a post nobody touched, 1/2 for an average one, and nears 1 for the most
// popular: a hit counts more than a flop, ten times a hit hardly more than a hit. Freshness falls
// as a hyperbola, not exponentially, so that posts of any age still differ.
type Meter struct {
	Catalog       *catalog.Index
	Log           *interaction.Log
	Now           int64     // epoch milliseconds
	UserEmbedding []float32 // nil: similarity is 0

	scale                           interaction.RatingScale
	meanPull, meanUpvotes, meanView float64
}

// NewMeter returns a meter for a request at the time now, in epoch milliseconds.
func NewMeter(index *catalog.Index, log *interaction.Log, now int64, userEmbedding []float32) *Meter {
	m := &Meter{Catalog: index, Log: log, Now: now, UserEmbedding: userEmbedding, scale: log.RatingScale(), meanPull: log.MeanPull()}
	if n := float64(index.Len()); n > 0 {
		totals := index.Totals()
		m.meanUpvotes, m.meanView = float64(totals.Upvotes)/n, float64(totals.Views)/n
	}
	return m
}

const halfAge = 7 * 24 * 60 * 60 * 1000 // milliseconds until freshness is halved

// Similarity returns the similarity signal for a post with this embedding, 0 for nil.
func (m *Meter) Similarity(embedding []float32) float64 {
	if m.UserEmbedding == nil || len(embedding) != len(m.UserEmbedding) {
		return 0
	}
	return float64(vector.Dot(m.UserEmbedding, embedding))
}

// Interaction returns the interaction signal of the post at o.
func (m *Meter) Interaction(o catalog.Ordinal) float64 {
	totals := m.Log.Totals(m.Catalog.Entry(o).ID)
	return saturate(totals.Pull(m.scale), m.meanPull)
}

// Engagement returns the engagement signal of the post at o.
func (m *Meter) Engagement(o catalog.Ordinal) float64 {
	e := m.Catalog.Entry(o)
	return .4*saturate(float64(e.Upvotes), m.meanUpvotes) + .3*saturate(float64(e.Views), m.meanView) + .3*float64(e.AverageRating)/100
}

// Freshness returns the freshness signal of the post at o; a post of the future is brand new.
func (m *Meter) Freshness(o catalog.Ordinal) float64 {
	age := math.Max(0, float64(m.Now)-float64(m.Catalog.Entry(o).CreatedAt))
	return 1 / (1 + age/halfAge)
}

// saturate maps x >= 0 to 0..1 with 1/2 at the mean; 0 where the mean is 0.
func saturate(x, mean float64) float64 {
	if x <= 0 || mean <= 0 {
		return 0
	}
	return x / (x + mean)
}

// Parts are the shares of a score, each weight · signal, in the order of the names below.
type Parts [len(partNames)]float64

var partNames = [...]string{"similarity", "interaction", "engagement", "freshness"}

// Weights says how much each signal counts, in the order of Parts.
type Weights Parts

// KnownUser returns the weights for users with a user embedding: taste leads.
func KnownUser() Weights { return Weights{.6, .15, .1, .15} }

// NewUser returns the weights for users without one: what everyone likes and what is new share
// the lead.
func NewUser() Weights { return Weights{0, .4, .2, .4} }

// Parts returns the parts of the score of the post at o.
func (m *Meter) Parts(o catalog.Ordinal, embedding []float32, w Weights) Parts {
	return Parts{
		w[0] * m.Similarity(embedding),
		w[1] * m.Interaction(o),
		w[2] * m.Engagement(o),
		w[3] * m.Freshness(o),
	}
}

// Score returns the sum of the parts.
func (p Parts) Score() float64 {
	var sum float64
	for _, value := range p {
		sum += value
	}
	return sum
}

// Named returns the parts with their names.
func (p Parts) Named() []Part {
	named := make([]Part, len(p))
	for i, value := range p {
		named[i] = Part{partNames[i], value}
	}
	return named
}

// Popularity returns how much everyone likes the post at o, whoever asks.
func (m *Meter) Popularity(o catalog.Ordinal) float64 {
	w := NewUser()
	return w[1]*m.Interaction(o) + w[2]*m.Engagement(o)
}
