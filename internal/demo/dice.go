package demo

import (
	"hash/fnv"
	"io"
	"math/rand/v2"
)

// seed starts every stream of dice; another one gives other viewers of the same posts.
const seed = 20260214

// dice draws whole numbers. It takes PCG's output as it comes, rather than through rand.Rand,
// whose methods may draw differently in a later Go; and nothing here is a float, since
// processors round those differently. The small bias of the remainders does not matter.
type dice struct{ pcg *rand.PCG }

// newDice returns dice for one purpose: what is drawn for one name never shifts another's.
func newDice(names ...string) dice {
	h := fnv.New64a()
	for _, name := range names {
		_, _ = io.WriteString(h, name+"\x00")
	}
	return dice{rand.NewPCG(seed, h.Sum64())}
}

// below returns a number in 0..n-1; n must be positive.
func (d dice) below(n int64) int64 { return int64(d.pcg.Uint64() % uint64(n)) }

// between returns a number in lo..hi.
func (d dice) between(lo, hi int64) int64 { return lo + d.below(hi-lo+1) }

// chance is true percent times out of a hundred.
func (d dice) chance(percent int64) bool { return d.below(100) < percent }

// pick returns an index with a probability in proportion to its weight, or -1 when no weight is
// positive.
func (d dice) pick(weights []int64) int {
	var total int64
	for _, w := range weights {
		total += w
	}
	if total <= 0 {
		return -1
	}
	at := d.below(total)
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	panic("unreachable: at is below the total")
}

// letters returns a code of n letters and digits that are not easily mistaken for each other.
func (d dice) letters(n int) string {
	const alphabet = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	code := make([]byte, n)
	for i := range code {
		code[i] = alphabet[d.below(int64(len(alphabet)))]
	}
	return string(code)
}
