package synthetic

import (
	"time"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

// A user's acts: eventMean on average, few users with many, in the last season.
const (
	eventMean = 10
	eventMost = 200
	season    = 60 * 24 * time.Hour
)

// User returns a user, 0 to Users() - 1.
func (c *Catalogue) User(user int) catalog.User {
	return catalog.User{ID: int64(user + 1), Username: Username(user)}
}

// Events returns what a user did, 1 act or more: half of it with posts of the one theme that the user likes,
// half with any, popular ones first.
func (c *Catalogue) Events(user int) []interaction.Interaction {
	dice := dice(3, int64(user))
	liked := dice.IntN(min(len(c.themes), c.posts))
	ofTheme := (c.posts-liked-1)/len(c.themes) + 1
	events := make([]interaction.Interaction, min(eventMost, 1+int(dice.ExpFloat64()*(eventMean-1))))
	for i := range events {
		rank := zipf(dice, c.posts)
		if dice.IntN(2) == 0 {
			rank = liked + len(c.themes)*zipf(dice, ofTheme)
		}
		e := interaction.Interaction{
			Username: Username(user), PostID: c.id(rank), Kind: interaction.View, Value: dice.IntN(101),
			At: Now.Add(-time.Duration(dice.Int64N(int64(season)))).Truncate(time.Millisecond),
		}
		switch dice.IntN(20) {
		case 0, 1, 2, 3:
			e.Kind, e.Value = interaction.Like, interaction.NoValue
		case 4:
			e.Kind, e.Value = interaction.Rating, 1+dice.IntN(100)
		case 5:
			e.Kind, e.Value = interaction.Skip, interaction.NoValue
		}
		events[i] = e
	}
	return events
}
