package replica_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/learn"
	"resonance/internal/store"
)

// actor does random writes; small ranges make the interesting meetings likely.
type actor struct {
	*rand.Rand
	store *fakeStore
}

func (a actor) post() int64  { return a.Int64N(knownPosts) }
func (a actor) user() int64  { return 1 + a.Int64N(4) }
func (a actor) name() string { return knownUsernames()[1+a.IntN(3)] }

func (a actor) local() int64 { return catalog.LocalUserID + a.Int64N(2) }

func (a actor) anyUser() int64 {
	if a.IntN(3) == 0 {
		return a.local()
	}
	return a.user()
}

func (a actor) event(row int64) store.EventChange {
	kind := interaction.Kinds()[a.IntN(10)]
	e := store.EventChange{
		Row: row, UserID: a.anyUser(), PostID: a.Int64N(knownPosts + 3), Kind: kind, Value: interaction.NoValue,
		At: a.Int64N(50) - 25, Synced: a.IntN(2) == 0,
	}
	if kind.HasValue() {
		e.Value = 1 + a.IntN(100)
	}
	return e
}

func (a actor) vector() []float32 {
	return []float32{float32(a.NormFloat64()), float32(a.NormFloat64()), float32(a.NormFloat64())}
}

// nameUser gives a username to a user whose name nobody else has, as the store's unique index does.
func (a actor) nameUser(id int64) {
	name := a.name()
	for other, u := range a.store.users {
		if u.Username == name && other != id {
			a.store.putUser(other, "")
		}
	}
	a.store.putUser(id, name)
}

func (a actor) putPost() {
	p := catalog.Post{
		ID: a.post(), Title: fmt.Sprint("title ", a.IntN(99)), Public: a.IntN(5) > 0, ProjectCode: knownProjects()[a.IntN(3)],
		CreatedAt: time.UnixMilli(a.Int64N(60) - 30).UTC(), Owner: catalog.Owner{Username: a.name()},
		ViewCount: a.Int64N(9), UpvoteCount: a.Int64N(9),
	}
	if a.IntN(2) == 0 {
		p.Category = &catalog.Category{Name: fmt.Sprint("category ", a.IntN(3))}
	}
	a.store.putPost(p)
}

func (a actor) act() {
	switch a.IntN(16) {
	case 0, 1, 2:
		a.putPost()
	case 3, 4, 5, 6:
		a.store.putEvent(a.event(0))
	case 7:
		if a.store.rows > 0 { // corrected: other time, post, even another user
			if row := 1 + a.Int64N(a.store.rows); a.store.events[row] != nil {
				a.store.putEvent(a.event(row))
			}
		}
	case 8:
		a.store.removeEvent(1 + a.Int64N(a.store.rows+1))
	case 9:
		a.nameUser(a.anyUser())
	case 10:
		a.store.hideUser(a.anyUser())
	case 11:
		a.store.forget(a.anyUser())
	case 12:
		a.store.merge(a.local(), a.user())
	case 13, 14:
		a.store.putEmbedding(a.post(), a.vector())
	case 15:
		a.leave()
	}
}

func (a actor) leave() {
	switch a.IntN(4) {
	case 0:
		a.store.putEmbedding(a.post(), nil)
	case 1:
		a.store.resetPost(a.post())
	default:
		a.store.hidePost(a.post())
	}
}

// model is one that nothing was fitted for, with settings of chance: half-lives of some of the milliseconds
// that random events lie apart, so that counts age and are made anew around later moments.
func (a actor) model() *learn.Model {
	m := *learn.Untaught()
	s := &m.Recipe.Settings
	halfLives := []float64{0, 2e-7, 1e-7, 7}
	s.PopularDays, s.BuzzDays, s.TransitionDays = halfLives[a.IntN(4)], halfLives[a.IntN(4)], halfLives[a.IntN(4)]
	s.Steps, s.Last, s.HistoryMemory = 1+a.IntN(4), 1+a.IntN(4), float64(a.IntN(3))
	return &m
}

// Whatever happens in the store, and whichever models are taken into use on the way, a copy kept up to date is the copy that a new process loads.
func TestIncrementalEqualsFullLoad(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			a := actor{rand.New(rand.NewPCG(seed, 21)), newFakeStore()}
			kept, model := newReplica(t, a.store), learn.Untaught()
			for step := range 40 {
				for range a.IntN(8) {
					a.act()
				}
				if a.IntN(4) == 0 {
					model = a.model()
					kept.Adopt(model)
				}
				fresh := newReplica(t, a.store)
				fresh.Adopt(model)
				if diff := comparePictures(take(t, fresh), take(t, kept)); diff != "" {
					t.Fatalf("step %d: full load and incremental copy (-full +incremental):\n%s", step, diff)
				}
			}
		})
	}
}
