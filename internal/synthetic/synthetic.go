// Package synthetic makes catalogues of any size to measure with: posts whose embeddings lie as
// those of real posts do, of which a few are watched by many, and people who watch them. The same
// number of posts gives the same rows, bit for bit, whoever asks and whenever.
package synthetic

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/demo"
	"resonance/internal/errs"
)

// Version changes with every change of the rows that a number of posts gives; seed is what they
// are drawn from.
const (
	Version = 1
	seed    = 0x5ca1ab1e
)

// MaxPosts and maxUsers bound a catalogue: up to maxUsers posts there are as many users as posts.
const (
	MaxPosts = 10_000_000
	maxUsers = 100_000
)

// Rare is the project of one post in a hundred; half of the others are of Day, half of Night.
const (
	Rare  = "rare"
	Day   = "day"
	Night = "night"
)

// Now is when the newest event happened; the posts were made in the two years before.
var Now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	span     = 2 * 365 * 24 * time.Hour
	byAuthor = 20 // posts of an author, on average
)

// Catalogue is what a number of posts gives. It is safe for concurrent use.
type Catalogue struct {
	posts  int
	themes []catalog.Post // the demo catalogue: what posts are about
	ranks  []int32        // of the post with id i + 1: its place among all by popularity, 0 the first
}

// New returns the catalogue of so many posts, 1 to MaxPosts, whose ids are 1 and up; the error
// wraps errs.Invalid for another number.
func New(posts int) (*Catalogue, error) {
	if posts < 1 || posts > MaxPosts {
		return nil, fmt.Errorf("%w: posts: %d is not in 1..%d", errs.Invalid, posts, MaxPosts)
	}
	c := &Catalogue{posts: posts, themes: demo.Load(Now).Posts, ranks: make([]int32, posts)}
	for rank := range posts {
		c.ranks[c.id(rank)-1] = int32(rank)
	}
	return c, nil
}

// Users returns how many users there are, each of whom did something.
func (c *Catalogue) Users() int { return min(c.posts, maxUsers) }

// Username returns the name of a user, 0 to Users() - 1.
func Username(user int) string { return fmt.Sprintf("viewer%06d", user) }

// id returns the id of the post that is the rank-th in popularity: the most popular ones are spread
// over all ages. The step is a prime above MaxPosts, so no two ranks meet.
func (c *Catalogue) id(rank int) int64 {
	const step = 2_654_435_761
	return 1 + int64(rank)*step%int64(c.posts)
}

// theme returns which of the demo posts the post of a rank is like.
func (c *Catalogue) theme(rank int) int { return rank % len(c.themes) }

// Post returns the post with this id, 1 to Posts().
func (c *Catalogue) Post(id int64) catalog.Post {
	rank := int(c.ranks[id-1])
	theme := c.themes[c.theme(rank)]
	dice := dice(1, id)
	p := catalog.Post{
		ID: id, Title: fmt.Sprintf("%s %d", theme.Title, id), Tags: theme.Tags, Keywords: []string{}, Category: theme.Category,
		ProjectCode: []string{Day, Night}[theme.ID%2],
		CreatedAt:   Now.Add(-time.Duration(span.Milliseconds()*(int64(c.posts)-id)/int64(c.posts)) * time.Millisecond),
		Owner:       catalog.Owner{Username: fmt.Sprintf("author%06d", dice.IntN(1+c.posts/byAuthor))},
		Public:      true,
	}
	if rank%100 == 50 {
		p.ProjectCode = Rare
	}
	p.ViewCount = int64(10 * float64(c.posts) / float64(1+rank) * dice.Float64())
	p.UpvoteCount = p.ViewCount / 10
	return p
}

// dice returns what is random about a row, by its kind and number.
func dice(kind uint64, number int64) *rand.Rand {
	return rand.New(rand.NewPCG(seed+kind, uint64(number)))
}

// zipf draws a place among n, each in inverse proportion to its distance from the first.
func zipf(dice *rand.Rand, n int) int {
	return min(n-1, int(math.Exp(dice.Float64()*math.Log(float64(n+1))))-1)
}
