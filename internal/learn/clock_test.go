package learn

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/collab"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/signal"
)

// at returns the village with all times t made factor · t + shift.
func (v *village) at(factor, shift int64) *village {
	other := &village{vectors: v.vectors}
	for _, p := range v.posts {
		p.CreatedAt = p.CreatedAt*factor + shift
		other.posts = append(other.posts, p)
	}
	for _, e := range v.events {
		e.At = e.At*factor + shift
		other.events = append(other.events, e)
	}
	return other
}

// Half-lives are in the data's own time: another calendar changes nothing, a slower life stretches them.
func TestClockIsTheDatas(t *testing.T) {
	for seed := range uint64(5) {
		v := chance(seed)
		want := clocked(v.past(inOrder()))
		for _, shift := range []int64{-3000 * 365 * 24 * hour, 1, 60 * 365 * 24 * hour} {
			if diff := cmp.Diff(want, clocked(v.at(1, shift).past(inOrder()))); diff != "" {
				t.Errorf("%d ms later (-want +got):\n%s", shift, diff)
			}
		}
		const slower = 7
		got := clocked(v.at(slower, 0).past(inOrder()))
		for _, halfLife := range []struct {
			name      string
			want, got float64
		}{
			{"popularity", want.PopularDays, got.PopularDays}, {"buzz", want.BuzzDays, got.BuzzDays}, {"transitions", want.TransitionDays, got.TransitionDays},
			{"freshness", want.FreshDays, got.FreshDays}, {"nearness", want.NearDays, got.NearDays},
		} {
			if math.Abs(halfLife.got-slower*halfLife.want) > 1e-9*halfLife.got {
				t.Errorf("%s has a half-life of %g days, at a seventh of the pace %g", halfLife.name, halfLife.want, halfLife.got)
			}
		}
	}
}

// Popularity fades within the newest tenth of the touches: ten of a hundred a day apart are nine days.
func TestClockByHand(t *testing.T) {
	v := new(village)
	for n := range int64(100) {
		v.posts = append(v.posts, catalog.Features{ID: n + 1, CreatedAt: n * 24 * hour, Public: true})
		v.did(1, interaction.View, n+1, n*24*hour)
		v.did(1, interaction.Skip, n+1, 1e6*hour) // no touch
	}
	v.posts = append(v.posts, catalog.Features{ID: 101, CreatedAt: 1e6 * hour}) // not public
	s := clocked(v.past(inOrder()))
	if s.PopularDays != 9 || s.TransitionDays != 36 {
		t.Errorf("half-lives of popularity %g, of transitions %g days", s.PopularDays, s.TransitionDays)
	}
	if s.BuzzDays != 4 || s.FreshDays != 4 { // a hundredth is one, but five are the fewest
		t.Errorf("half-lives of buzz %g, of freshness %g days", s.BuzzDays, s.FreshDays)
	}
	few := &village{posts: v.posts[:5], events: v.events[:10]}
	if diff := cmp.Diff(signal.DefaultSettings(), clocked(few.past(inOrder())), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".TransitionDays" }, cmp.Ignore())); diff != "" {
		t.Errorf("of too few to tell (-default +clocked):\n%s", diff)
	}
}

// What a store keeps of everyone's rows gives them back, without the posts that have gone since.
func TestSnapshotsGiveRowsBack(t *testing.T) {
	v := chance(5)
	past := v.past(inOrder())
	crowd := signal.NewCrowd(signal.DefaultSettings(), 0)
	rows := Rows{}
	for user := range past.Log.Users() {
		rows[user] = signal.Row(past.Catalog, past.Log.Of(user))
		crowd.Put(past.Catalog, user, rows[user])
	}
	encoded := Encoded(past.Catalog, crowd)
	for user, row := range rows {
		got, err := Decode(past.Catalog, encoded[user])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(row, got); diff != "" {
			t.Fatalf("user %d (-row +decoded):\n%s", user, diff)
		}
	}
	lesson, err := Decoded(past.Catalog, encoded)
	if err != nil {
		t.Fatal(err)
	}
	if lesson.sum != crowd.Sum() || lesson.touches != crowd.Touches() {
		t.Errorf("the lesson is of %d touches, sum %x; the crowd of %d, sum %x", lesson.touches, lesson.sum, crowd.Touches(), crowd.Sum())
	}
	gone := v.posts[7].ID
	past.Catalog.Remove(gone)
	for user, b := range encoded {
		row, err := Decode(past.Catalog, b)
		if err != nil {
			t.Fatal(err)
		}
		for _, touch := range row {
			if past.Catalog.Entry(catalog.Ordinal(touch.Item)).ID == gone {
				t.Errorf("user %d still touches a post that has gone", user)
			}
		}
	}
	whole := encoded[1]
	if _, err := Decode(past.Catalog, whole[:len(whole)-1]); !errors.Is(err, errs.Invalid) {
		t.Errorf("a row that breaks off: error %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	index := new(catalog.Index)
	index.Put(catalog.Features{ID: 5, Public: true}, 1)
	f.Add(Encode(index, []collab.Touch{{Item: 0, At: -7}}))
	f.Add([]byte{5, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		row, err := Decode(index, b)
		if err != nil && !errors.Is(err, errs.Invalid) {
			t.Errorf("error %v", err)
		}
		if again, err := Decode(index, Encode(index, row)); err != nil || !cmp.Equal(row, again) {
			t.Errorf("%v, encoded and decoded, is %v, error %v", row, again, err)
		}
	})
}

// A model depends on ids and times, not on the order in which the past was met.
func TestLessonsIgnoreOrder(t *testing.T) {
	v := chance(6)
	said := func(past Past) map[int64][]float64 {
		lesson, err := past.Lesson()
		if err != nil {
			t.Fatal(err)
		}
		model, err := Begin(past).Fit(t.Context(), lesson, nil)
		if err != nil {
			t.Fatal(err)
		}
		q := signal.Question{World: signal.World{Catalog: past.Catalog, Crowd: signal.NewCrowd(model.Recipe.Settings, 0), Fitted: model.Fitted}}
		for o := range catalog.Ordinal(past.Catalog.Cap()) {
			q.Candidates = append(q.Candidates, o)
		}
		first, _ := past.Catalog.Lookup(v.posts[3].ID)
		second, _ := past.Catalog.Lookup(v.posts[9].ID)
		q.History = []signal.Touch{{Post: first, Weight: 1, Seen: true}, {Post: second, Weight: 1, Seen: true}}
		byPost := map[int64][]float64{}
		out := make([]float64, len(q.Candidates))
		q.Prepare()
		for _, s := range signal.All() {
			q.Ask(s, out)
			for i, o := range q.Candidates {
				id := past.Catalog.Entry(o).ID
				byPost[id] = append(byPost[id], out[i])
			}
		}
		return byPost
	}
	if diff := cmp.Diff(said(v.past(inOrder())), said(v.past(rand.New(rand.NewPCG(2, 3))))); diff != "" {
		t.Errorf("(-in order +shuffled):\n%s", diff)
	}
}
