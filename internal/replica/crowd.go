package replica

import (
	"math"

	"resonance/internal/collab"
	"resonance/internal/interaction"
	"resonance/internal/learn"
	"resonance/internal/signal"
	"resonance/internal/store"
)

// stale is what of the crowd must be brought up to date after changes to catalogue and log.
type stale struct {
	catalog bool // posts came, went or changed
	users   map[int64]bool
	posts   map[int64]bool // whose ratings changed
}

func (s *stale) user(id int64) {
	if s.users == nil {
		s.users = map[int64]bool{}
	}
	s.users[id] = true
}

func (s *stale) rating(postID int64) {
	if s.posts == nil {
		s.posts = map[int64]bool{}
	}
	s.posts[postID] = true
}

// moved takes a post that comes, leaves or gets another category or author out of the rows that
// hold it, and notes the users whose rows have to be made again.
func (s *state) moved(c store.PostChange) {
	o, known := s.catalog.Lookup(c.ID)
	if known && !s.catalog.Entry(o).Gone {
		e := s.catalog.Entry(o)
		same := !c.Gone && s.catalog.Categories.Text(e.Category) == c.Category && s.catalog.Authors.Text(e.Author) == c.Author
		if same {
			return
		}
		for _, user := range s.crowd.Visitors(o) {
			s.crowd.Put(&s.catalog, user, nil)
			s.stale.user(user)
		}
		return
	}
	if totals := s.log.Totals(c.ID); c.Gone || totals.Events == (interaction.Totals{}).Events {
		return
	}
	s.stale.rating(c.ID)
	for user := range s.log.Users() { // its events came before it
		for _, e := range s.log.Of(user) {
			if int64(e.PostID) == c.ID {
				s.stale.user(user)
				break
			}
		}
	}
}

// freshen brings the crowd up to date.
func (s *state) freshen() {
	s.catalog.Settle(signal.RankWhole)
	if s.crowd == nil || s.origin() != s.crowdOrigin {
		s.gather()
		return
	}
	for user := range s.stale.users {
		s.crowd.Put(&s.catalog, user, signal.Row(&s.catalog, s.log.Of(user)))
	}
	for post := range s.stale.posts {
		s.rate(post)
	}
	if s.stale.catalog {
		s.crowd.Changed()
	}
	s.stale = stale{}
}

// gather makes the crowd anew.
func (s *state) gather() {
	s.stale, s.crowdOrigin = stale{}, s.origin()
	s.crowd = signal.NewCrowd(s.model.Recipe.Settings, s.crowdOrigin)
	rows := map[int64][]collab.Touch{}
	for user := range s.log.Users() {
		rows[user] = signal.Row(&s.catalog, s.log.Of(user))
	}
	s.crowd.Fill(&s.catalog, rows)
	for post := range s.log.Posts() {
		s.rate(post)
	}
}

func (s *state) rate(post int64) {
	if o, known := s.catalog.Lookup(post); known {
		totals := s.log.Totals(post)
		if s.catalog.Entry(o).Gone {
			totals = interaction.Totals{}
		}
		s.crowd.Rate(o, totals.RatingSum, totals.Events[interaction.Rating])
	}
}

// origin is the moment around which the crowd's counts age, in epoch milliseconds: the newest
// event, cut to whole steps of a few half-lives, so that every replica has the same one.
func (s *state) origin() int64 {
	step := s.model.Recipe.Settings.Step()
	if step == 0 || s.log.Events() == 0 {
		return 0
	}
	return int64(math.Floor(float64(s.log.Newest())/float64(step))) * step
}

// adopt takes a model into use.
func (s *state) adopt(m *learn.Model) {
	settings := s.model.Recipe.Settings
	s.model = m
	if m.Recipe.Settings != settings {
		s.gather()
	}
}
