package learn

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/vector"
)

const hour = 60 * 60 * 1000 // milliseconds

// village is posts and what users did with them, to be put into a Past in any order.
type village struct {
	posts   []catalog.Features
	events  []event
	vectors map[int64][]float32
}

type event struct {
	user int64
	interaction.Event
}

// did adds an event.
func (v *village) did(user int64, kind interaction.Kind, post, at int64) {
	v.events = append(v.events, event{user, interaction.Event{
		Row: int64(len(v.events) + 1), At: at, PostID: int32(post), Kind: kind, Value: interaction.NoValue,
	}})
}

// past puts everything into a Past, in an order that shuffle decides.
func (v *village) past(shuffle *rand.Rand) Past {
	p := Past{Catalog: new(catalog.Index), Log: new(interaction.Log), Embeddings: new(vector.Index)}
	for _, i := range shuffle.Perm(len(v.posts)) {
		o := p.Catalog.Put(v.posts[i], 1)
		if known := v.vectors[v.posts[i].ID]; known != nil {
			p.Embeddings.Put(o, known, 1)
		}
	}
	for _, i := range shuffle.Perm(len(v.events)) {
		p.Log.Put(v.events[i].user, v.events[i].Event, false)
	}
	return p
}

func inOrder() *rand.Rand { return rand.New(rand.NewPCG(0, 0)) }

// chance is a village of sixty posts whose forty users touch thirty posts each, whichever; some events are no touches,
// some are ratings.
func chance(seed uint64) *village {
	r := rand.New(rand.NewPCG(seed, 30))
	v := new(village)
	for id := range int64(60) {
		v.posts = append(v.posts, catalog.Features{
			ID: 300 - id, CreatedAt: r.Int64N(1000) * hour, Public: r.IntN(20) > 0, Author: fmt.Sprint("author ", r.IntN(9)), Category: fmt.Sprint("category ", r.IntN(5)),
		})
	}
	for user := range int64(40) {
		for range 30 {
			post, at := 300-r.Int64N(60), r.Int64N(1500)*hour
			switch kind := []interaction.Kind{interaction.View, interaction.Like, interaction.Skip, interaction.Impression, interaction.Rating}[r.IntN(5)]; kind {
			case interaction.Rating:
				v.did(user+1, kind, post, at)
				v.events[len(v.events)-1].Value = int8(1 + r.IntN(100))
			default:
				v.did(user+1, kind, post, at)
			}
		}
	}
	return v
}

// chains is a village in which what comes next is nearly certain: posts stand in chains of ten, and who
// touches one goes on to the next of the chain in nine of ten cases, else elsewhere. Everything else is chance.
func chains(seed uint64) *village {
	r := rand.New(rand.NewPCG(seed, 31))
	v := new(village)
	order := r.Perm(100)
	for id := range int64(100) {
		v.posts = append(v.posts, catalog.Features{
			ID: id + 1, CreatedAt: r.Int64N(1000) * hour, Public: true, Author: fmt.Sprint("author ", r.IntN(30)), Category: fmt.Sprint("category ", r.IntN(10)),
		})
	}
	for user := range int64(60) {
		at, place := r.Int64N(500)*hour, r.IntN(100)
		var touched []int
		for range 25 {
			if !slices.Contains(touched, place) {
				touched = append(touched, place)
				v.did(user+1, interaction.View, int64(order[place])+1, at)
			}
			at += (1 + r.Int64N(40)) * hour
			if place++; place%10 == 0 || r.IntN(10) == 0 {
				place = r.IntN(100)
			}
			place %= 100
		}
	}
	return v
}

// tastes is a village in which only what posts say decides: 120 users, each of whom looks for what is like
// something of their own, among 1,200 posts that few of them share.
func tastes(seed uint64) *village {
	r := rand.New(rand.NewPCG(seed, 32))
	v := &village{vectors: map[int64][]float32{}}
	direction := func() []float32 {
		d := make([]float32, 16)
		for i := range d {
			d[i] = float32(r.NormFloat64())
		}
		vector.Normalise(d)
		return d
	}
	for id := range int64(1200) {
		v.posts = append(v.posts, catalog.Features{
			ID: id + 1, CreatedAt: r.Int64N(1000) * hour, Public: true, Author: fmt.Sprint("author ", r.IntN(60)), Category: fmt.Sprint("category ", r.IntN(10)),
		})
		v.vectors[id+1] = direction()
	}
	for user := range int64(120) {
		taste := direction()
		var near []int64
		for id := range int64(1200) {
			near = append(near, id+1)
		}
		slices.SortFunc(near, func(a, b int64) int {
			return cmp.Compare(vector.Dot(taste, v.vectors[b]), vector.Dot(taste, v.vectors[a]))
		})
		for n, i := range r.Perm(20)[:14] {
			v.did(user+1, interaction.View, near[i], (1000+r.Int64N(20)+int64(n)*30)*hour)
		}
	}
	return v
}

// examOf cuts an exam that asks for as many lists as there are.
func examOf(t *testing.T, v *village, rule string) *exam {
	t.Helper()
	e := newExam(v.past(inOrder()), rule, Effort{Workers: 2}, size{1_000_000, 1_000_000_000})
	if len(e.splits) == 0 {
		t.Fatalf("%s: nothing is held out", rule)
	}
	return e
}
