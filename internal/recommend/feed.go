package recommend

import (
	"resonance/internal/catalog"
	"resonance/internal/rank"
	"resonance/internal/rerank"
)

// Feed is a ranked list of posts for one user.
type Feed struct {
	Items  []Item // best first; never nil
	More   bool   // there is another page
	Origin Origin
}

// Origin is what a feed was made from.
type Origin struct {
	User     int64 // whose feed it is, 0 for somebody whom the store does not know
	Model    int64 // its version, 0 for none that the store knows
	Sequence int64 // the state of the store
}

// Item is one post of a feed.
type Item struct {
	Post    *catalog.Post // counters as shown; shared, so read only
	Viewer  Viewer
	Score   float64
	Parts   []rank.Part     // add up to Score: those of the signals in the order of signal.All, then those of package rerank
	Reasons []Reason        // strongest first but Explored and SeenBefore, which come before all; at least one
	Options []rerank.Option // with Request.Odds: who may stand here, the post itself included; nil: no other post
}

// explain sets the parts, and the score to what they add up to, to the last bit.
func (i *Item) explain(parts []rank.Part) {
	i.Parts, i.Score = parts, 0
	for _, part := range parts {
		i.Score += part.Value
	}
}

// Viewer is what the requesting user has to do with a post.
type Viewer struct {
	Upvoted    bool // likes it
	Bookmarked bool
	Following  bool // follows its author
}
