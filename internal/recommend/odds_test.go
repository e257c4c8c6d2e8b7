package recommend

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/rank"
)

// Asking for odds changes nothing else, and says at which places other posts might have stood, of which
// one stands there without exploration.
func TestOdds(t *testing.T) {
	w := catalogue()
	for id := range int64(20) {
		w.add(101+id, 0, nil)
	}
	for _, username := range []string{"ann", "bob", "cy", "dan", "eve", "fay"} {
		for theme := range int64(8) {
			w.did(username, interaction.View, 10*theme+1, 10*theme+2, 10*theme+3)
		}
	}
	w.did("gus", interaction.Like, 1, 11)
	engine := New(w.replica(t))
	drawn := 0
	for _, username := range []string{"ann", "gus", "hal", "ida"} {
		for _, k := range []int{5, 10, 25} {
			plain := feed(t, engine, Request{Username: username, TopK: k})
			still := feed(t, engine, Request{Username: username, TopK: k, NoExploration: true, Odds: true})
			asked := feed(t, engine, Request{Username: username, TopK: k, Odds: true})
			for i := range asked.Items {
				options := asked.Items[i].Options
				asked.Items[i].Options = nil
				if options == nil {
					continue
				}
				drawn++
				if i < 9 || options[0].Explored || options[0].PostID != still.Items[i].Post.ID {
					t.Errorf("%s, place %d: options %+v, without exploration post %d", username, i+1, options, still.Items[i].Post.ID)
				}
				if still.Items[i].Options != nil {
					t.Errorf("%s, place %d: options where nothing is explored", username, i+1)
				}
			}
			if diff := cmp.Diff(plain, asked); diff != "" {
				t.Errorf("%s, %d posts (-plain +with odds):\n%s", username, k, diff)
			}
		}
	}
	if drawn == 0 {
		t.Error("no place of any feed was decided by a draw")
	}
}

// A feed says what it was made from.
func TestOrigin(t *testing.T) {
	w := catalogue()
	w.did("bob", interaction.Like, 2)
	w.did("ann", interaction.Like, 1)
	if got, want := w.feed(t, Request{Username: "ann", TopK: 3}).Origin, (Origin{User: 2, Sequence: w.seq}); got != want {
		t.Errorf("origin %+v, want %+v", got, want)
	}
	if got := w.feed(t, Request{Username: "nobody", TopK: 3}).Origin.User; got != 0 {
		t.Errorf("nobody has the id %d", got)
	}
}

// A signal that is left out has no part in any score.
func TestWithout(t *testing.T) {
	w := catalogue()
	w.did("ann", interaction.Like, 1)
	engine := New(w.replica(t))
	has := func(f Feed) (found bool) {
		for _, item := range f.Items {
			for _, part := range item.Parts {
				found = found || part.Name == "taste"
			}
		}
		return found
	}
	if !has(feed(t, engine, Request{Username: "ann", TopK: 10})) || has(feed(t, engine, Request{Username: "ann", TopK: 10, Without: "taste"})) {
		t.Error("taste has a part without being left out, or being so")
	}
	if !has(feed(t, engine, Request{Username: "ann", TopK: 10})) {
		t.Error("leaving a signal out once left it out for good")
	}
	_, err := engine.Feed(t.Context(), Request{Username: "ann", TopK: 10, Without: "luck"})
	if !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "freshness") {
		t.Errorf("error %v, want the signals listed", err)
	}
	w2 := Request{Without: "taste"}.weights(rank.Prior())
	if len(w2) != len(rank.Prior()) || cmp.Equal(w2, rank.Prior()) {
		t.Errorf("weights %v", w2)
	}
}
