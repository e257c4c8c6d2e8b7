package learn

import "resonance/internal/rank"

// steps are the weights tried in place of one that is w.
func steps(w float64) []float64 { return []float64{0, w / 2, w * 1.5, w * 2, w * 3, .25} }

// A change of a weight must raise the mean by more than worthwhile, or by half of what one list in
// all can give: what makes no difference stays equal, the more so the less there is to learn from.
const worthwhile = .001

// largest is the most that a weight can become.
const largest = 4

// bags is on how many parts of the users weights are fitted, to be averaged: what one part says by
// chance the others do not.
const bags = 5

// weigh returns the weights under which the mean nDCG of the lists of some users is best: the mean of
// what climbing leads to on parts of these users, each without another fifth of them (bagging, Breiman
// 1996).
func (sh *sheet) weigh(only func(user int64) bool) rank.Weights {
	sum := make(rank.Weights, len(sh.cells))
	for bag := range uint64(bags) {
		w := sh.climb(func(user int64) bool { return only(user) && hash(user)/folds%bags != bag })
		for s, x := range w {
			sum[s] += x / bags
		}
	}
	return sum
}

// climb returns the best weights for the lists of some users, as far as changing one weight after the
// other leads. It begins with equal weights.
func (sh *sheet) climb(only func(user int64) bool) rank.Weights {
	c := climber{sheet: sh, weights: rank.Prior()}
	sh.lists(func(place int, l *list) {
		if only(l.User) {
			c.lists = append(c.lists, weighed{place, l})
			c.blends = append(c.blends, make([]float64, len(l.kept)))
		}
	})
	for s, w := range c.weights {
		c.shift(s, w)
	}
	most, least := c.with(0, 0), max(worthwhile, .5/float64(max(1, len(c.lists))))
	for range 3 {
		before := most
		for s, w := range c.weights {
			best := w
			for _, x := range steps(w) {
				if gain := c.with(s, x-w); x <= largest && gain > most+least {
					most, best = gain, x
				}
			}
			c.shift(s, best-w)
			c.weights[s] = best
		}
		if most == before {
			break
		}
	}
	return c.weights
}

// climber is weights on their way, with the scores that they give.
type climber struct {
	sheet   *sheet
	weights rank.Weights
	lists   []weighed
	blends  [][]float64 // by list, then kept candidate
	scores  []float64
}

// shift adds w times a signal to the scores.
func (c *climber) shift(s int, w float64) {
	for n, l := range c.lists {
		for i, z := range c.sheet.cells[s][l.place] {
			c.blends[n][i] += w * float64(z)
		}
	}
}

// with returns the mean nDCG were w times a signal added to the scores.
func (c *climber) with(s int, w float64) float64 {
	var sum float64
	for n, l := range c.lists {
		c.scores = append(c.scores[:0], c.blends[n]...)
		for i, z := range c.sheet.cells[s][l.place] {
			c.scores[i] += w * float64(z)
		}
		sum += l.gain(c.scores)
	}
	return sum / float64(max(1, len(c.lists)))
}

// weighed is a list that weights are fitted to.
type weighed struct {
	place int
	*list
}

// folds is into how many parts users are divided, each measured with recipes chosen on the others.
const folds = 2

// foldOf spreads users over folds.
func foldOf(user int64) uint64 { return hash(user) % folds }

func hash(user int64) uint64 { return uint64(user) * 0x9E3779B97F4A7C15 >> 32 }
