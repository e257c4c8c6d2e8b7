package catalog

import "math"

// Features is what ranking knows of a post without reading it whole: small, and held in memory
// for every post.
type Features struct {
	ID        int64
	CreatedAt int64 // epoch milliseconds
	Author    string
	Category  string
	Topic     string   // its Key
	Tags      []string // nil for none
	Project   string   // lower case, "" for none
	Public    bool
	Locked    bool
	Counters
}

// Counters are the totals that upstream shows of a post, taken after the events they count: a
// ranking may use them, an evaluation may not.
type Counters struct {
	Comments, Upvotes, Views, Exits, Ratings, Shares, Bookmarks int64
	AverageRating                                               int64 // -100..100
}

// Engagement is what the counters say of a post, on a logarithmic scale:
//
//	log(1 + upvotes) + log(1 + views) / 2 + log(1 + comments + shares + bookmarks) + average rating / 50
//
// A negative counter, of which an average rating is none, counts as 0.
func (c Counters) Engagement() float64 {
	return math.Log1p(times(c.Upvotes)) + math.Log1p(times(c.Views))/2 +
		math.Log1p(times(c.Comments)+times(c.Shares)+times(c.Bookmarks)) + float64(c.AverageRating)/50
}

func times(counter int64) float64 { return float64(max(0, counter)) }

// Features returns the compact features of p.
func (p *Post) Features() Features {
	f := Features{
		ID: p.ID, CreatedAt: p.CreatedAt.UnixMilli(), Author: p.Owner.Username, Project: p.Project(),
		Public: p.Public, Locked: p.Locked,
		Counters: Counters{
			Comments: p.CommentCount, Upvotes: p.UpvoteCount, Views: p.ViewCount, Exits: p.ExitCount,
			Ratings: p.RatingCount, Shares: p.ShareCount, Bookmarks: p.BookmarkCount, AverageRating: p.AverageRating,
		},
	}
	if p.Category != nil {
		f.Category = p.Category.Name
	}
	if p.Topic != nil {
		f.Topic = p.Topic.Key()
	}
	if len(p.Tags) > 0 {
		f.Tags = p.Tags
	}
	return f
}
