package signal

import (
	"math"
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/collab"
	"resonance/internal/moments"
	"resonance/internal/vector"
)

// Touch is a post of the user's history.
type Touch struct {
	Post   catalog.Ordinal
	At     int64   // when the user first touched it, epoch milliseconds
	Weight float64 // how much it says of the user's taste; negative for dislike
	Vector []float32
	Seen   bool // a touch that others' rows hold too; false for what was only skipped
	Turned int  // how many posts of its category the user has skipped since, in a row
}

// standing is what a touch still counts for: each skip in a row halves what the user thought of the
// category before, however long the memory of a signal is.
func (t Touch) standing() float64 {
	if t.Turned == 0 { // as most
		return 1
	}
	return math.Exp2(-float64(t.Turned))
}

// World is what there is to ask about.
type World struct {
	Catalog *catalog.Index
	Crowd   *Crowd
	Fitted  *Fitted // nil before the first fit

	Embeddings *vector.Index // of the posts; nil where none has one
}

// RankWhole is the largest scope whose posts are all candidates. Of larger ones few are, and the
// others are represented by a sample.
const RankWhole = 16384

// Question is what signals are asked about: some posts, one user, one moment. Not safe for
// concurrent use; one may be asked again after its exported fields were changed, and prepared anew.
type Question struct {
	World
	User       int64             // the asking user's id, 0 for nobody that others' rows know
	Now        int64             // epoch milliseconds
	Candidates []catalog.Ordinal // by id, so that sums over them do not depend on ordinals
	Out        []int32           // ascending, places of candidates that cannot be chosen: they are there because the whole scope is
	History    []Touch           // newest first
	Rest       *Rest             // nil: Candidates, but for those that are Out, are all there is to choose from

	sheet *catalog.Sheet // of Candidates
	whole bool           // it is a scope's, so what is the same whoever asks can be kept with it
	own   catalog.Sheet
	likeness
	placed placed
	places []int32 // memory for those of candidates that are no whole scope

	reached  []remembered // by signal
	spots    []int32      // by ordinal, of a candidate its place plus 1; only where there is a Rest
	marks    []uint64     // a bit by ordinal, whether there is a spot: near, where spots are far
	spotted  []catalog.Ordinal
	weighted []collab.Weighted
	scratch  collab.Scratch
	sums     collab.Sums // by ordinal
	partial  collab.Sums // by place in Fitted
	names    []standing  // by catalog.Name
	shares   []float64   // by name
	sample   []float64
}

// Again makes q a question about nothing, which keeps the memory that it has taken.
func (q *Question) Again() {
	q.World, q.History, q.Rest = World{}, nil, nil
	if q.whole {
		q.Candidates, q.whole = nil, false
	}
	q.Out, q.sheet, q.placed.by = q.Out[:0], nil, nil
	q.reached = q.reached[:0]
}

// Whole makes all posts of a scope the candidates.
func (q *Question) Whole(scope catalog.Scope) {
	q.sheet, q.whole = scope.Sheet(), true
	q.Candidates = q.sheet.Posts
}

// Sheet returns what is read of the candidates, once they are prepared.
func (q *Question) Sheet() *catalog.Sheet { return q.sheet }

// Place returns where the post at o stands among the candidates, if it is one.
func (q *Question) Place(o catalog.Ordinal) (place int32, known bool) {
	if q.whole {
		return q.sheet.Place(o)
	}
	at, known := slices.BinarySearchFunc(q.Candidates, o, q.Catalog.CompareIDs)
	return int32(at), known
}

// Prepare reads what several signals need of the candidates. It comes before Ask.
func (q *Question) Prepare() {
	if !q.whole {
		q.own.Read(q.Catalog, q.Candidates)
		q.sheet = &q.own
	}
	q.likeness.known, q.placed.by = false, nil
	q.spot()
}

// spot notes where the candidates of a large scope stand, which is as long as the catalogue and all but empty.
func (q *Question) spot() {
	for _, o := range q.spotted {
		q.spots[o], q.marks[o/64] = 0, 0
	}
	q.spotted = q.spotted[:0]
	if q.Rest == nil {
		return
	}
	if n := q.Catalog.Cap() - len(q.spots); n > 0 {
		q.spots = append(q.spots, make([]int32, n)...)
		q.marks = append(q.marks, make([]uint64, (len(q.spots)+63)/64-len(q.marks))...)
	}
	q.spotted = append(q.spotted, q.Candidates...)
	for i, o := range q.spotted {
		q.spots[o] = int32(i + 1)
		q.marks[o/64] |= 1 << (o % 64)
	}
}

// Ask overwrites out, of the length of Candidates, with a signal's values.
func (q *Question) Ask(s Signal, out []float64) {
	switch {
	case s.Common != nil && q.whole && s.Common(q):
		copy(out, q.Crowd.common(q, s))
		return
	case s.Measure != nil:
		s.Measure(q, out)
		return
	}
	if m := q.remembered(s); m != nil && q.Rest != nil {
		clear(out)
		for i, o := range m.posts {
			if q.marks[o/64]>>(o%64)&1 != 0 {
				out[q.spots[o]-1] = m.values[i]
			}
		}
		return
	}
	sums := q.reach(s)
	if q.whole {
		clear(out)
		for _, o := range sums.Reached() {
			if place, known := q.sheet.Place(catalog.Ordinal(o)); known {
				out[place] = sums.At(o)
			}
		}
		return
	}
	for i, o := range q.Candidates {
		out[i] = sums.At(int32(o))
	}
}

// Rest says which posts there are to choose from where these are not the candidates.
type Rest struct {
	Sample []int         // places of the candidates that stand for them
	Scope  catalog.Scope // the posts themselves
}

// Moments returns mean and standard deviation of a signal's values over all posts that there are to
// choose from, the values of the candidates being those of the last Ask. They are exact where all
// posts are candidates, for signals that reach few posts, and for those with a Spread; else those of
// the sample.
func (q *Question) Moments(s Signal, values []float64) (mean, deviation float64) {
	switch {
	case q.Rest == nil:
		return q.Spread(values)
	case s.Spread != nil:
		return s.Spread(q, q.Rest.Scope)
	case s.Reach != nil:
		m := q.remembered(s)
		if m == nil {
			q.Reached(s, q.Rest.Scope)
			m = q.remembered(s)
		}
		return q.spreadOfReached(m)
	}
	return q.Spread(values)
}

// spreadOfReached returns mean and standard deviation of what a signal reached, over all posts in
// scope. Values are added up as whole parts of the largest, in which the order of posts cannot show.
func (q *Question) spreadOfReached(m *remembered) (mean, deviation float64) {
	var largest float64
	for _, v := range m.values {
		largest = max(largest, math.Abs(v))
	}
	if largest == 0 || math.IsInf(largest, 0) {
		return 0, 0
	}
	const parts = 1 << 40
	_, exponent := math.Frexp(largest)
	scale := math.Ldexp(parts, -exponent)
	var sum, squares int64
	for _, v := range m.values {
		v *= scale
		sum += int64(v)
		squares += int64(v * v / parts)
	}
	n := float64(q.Rest.Scope.Len())
	mean = float64(sum) / scale / n
	return mean, math.Sqrt(max(0, float64(squares)*parts/scale/scale/n-mean*mean))
}

// Spread returns mean and standard deviation of what candidates have been given, over those that stand
// for all posts that there are to choose from. Those that are Out are given the mean.
func (q *Question) Spread(values []float64) (mean, deviation float64) {
	if q.Rest == nil {
		return moments.Without(values, q.Out)
	}
	q.sample = q.sample[:0]
	for _, i := range q.Rest.Sample {
		q.sample = append(q.sample, values[i])
	}
	return moments.Of(q.sample)
}

// Reached returns the posts of a scope that was settled, by ordinal and in no order that means something, which a signal that reaches few
// posts reaches, and their values; valid until the question is asked again. They are remembered for Ask and Moments.
func (q *Question) Reached(s Signal, scope catalog.Scope) (posts []int32, values []float64) {
	sums := q.reach(s)
	n := len(q.reached)
	q.reached = slices.Grow(q.reached, 1)[:n+1] // what stood there has memory to give
	m := &q.reached[n]
	m.signal, m.posts, m.values = s.Name, m.posts[:0], m.values[:0]
	for _, o := range sums.Reached() {
		if scope.Has(catalog.Ordinal(o)) {
			m.posts, m.values = append(m.posts, o), append(m.values, sums.At(o))
		}
	}
	return m.posts, m.values
}

// remembered are the values that a signal reached.
type remembered struct {
	signal string
	posts  []int32
	values []float64
}

// remembered returns what a signal reached, nil when it was not asked yet.
func (q *Question) remembered(s Signal) *remembered {
	for i := range q.reached {
		if q.reached[i].signal == s.Name {
			return &q.reached[i]
		}
	}
	return nil
}

func (q *Question) reach(s Signal) *collab.Sums {
	q.sums.Reset(q.Catalog.Cap())
	s.Reach(q, &q.sums)
	return &q.sums
}

// touched returns the history as the crowd's models take it: its posts by ordinal, each with its
// standing, halved every memory positions back; a memory of 0 halves nothing.
func (q *Question) touched(memory float64) []collab.Weighted {
	q.weighted = q.weighted[:0]
	for _, t := range q.History {
		if t.Seen {
			weight := collab.Recency(len(q.weighted), memory) * t.standing()
			q.weighted = append(q.weighted, collab.Weighted{Item: int32(t.Post), Weight: weight})
		}
	}
	return q.weighted
}
