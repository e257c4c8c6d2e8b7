package demo

import (
	"maps"
	"slices"
	"testing"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

// behaviour is what the tests below look at.
type behaviour struct {
	viewers []viewer
	posts   map[int64]catalog.Post
	log     map[string][]interaction.Interaction // by username, in order of time
}

func observe(t *testing.T) behaviour {
	t.Helper()
	src, err := read(files)
	if err != nil {
		t.Fatal(err)
	}
	data := Load(created)
	b := behaviour{viewers: src.viewers, posts: map[int64]catalog.Post{}, log: map[string][]interaction.Interaction{}}
	for _, p := range data.Posts {
		b.posts[p.ID] = p
	}
	for _, i := range data.Interactions {
		b.log[i.Username] = append(b.log[i.Username], i)
	}
	return b
}

func (b behaviour) category(i interaction.Interaction) string {
	if c := b.posts[i.PostID].Category; c != nil {
		return c.Name
	}
	return ""
}

func TestEveryoneLeavesTheEventsTheyWereGiven(t *testing.T) {
	b := observe(t)
	var few, many int
	for _, v := range b.viewers {
		got := len(b.log[v.Username])
		if got != v.events {
			t.Errorf("%s left %d events, want %d", v.Username, got, v.events)
		}
		if got >= 1 && got <= 3 {
			few++
		}
		if got >= 100 {
			many++
		}
	}
	if few < 5 || many < 5 {
		t.Errorf("%d users with 1..3 events and %d with 100 or more, want a long tail and a heavy head", few, many)
	}
}

func TestTastesShow(t *testing.T) {
	b := observe(t)
	var own, other [2]int // number and sum of percents watched
	for _, v := range b.viewers {
		positives := map[string]int{}
		for _, i := range b.log[v.Username] {
			if i.Kind != interaction.Skip {
				positives[b.category(i)]++
			}
			if i.Kind != interaction.View {
				continue
			}
			bucket := &other
			if v.tastes[b.category(i)] > 0 {
				bucket = &own
			}
			bucket[0]++
			bucket[1] += i.Value
		}
		if v.events < 10 {
			continue
		}
		top := slices.MaxFunc(slices.Sorted(maps.Keys(positives)), func(x, y string) int { return positives[x] - positives[y] })
		if v.tastes[top] == 0 {
			t.Errorf("%s turned most to %q, not among %v", v.Username, top, v.tastes)
		}
	}
	if inside, outside := own[1]/own[0], other[1]/other[0]; inside < outside+20 {
		t.Errorf("of their taste people watch %d percent, else %d; want a clear difference", inside, outside)
	}
	if other[0]*20 < own[0] {
		t.Errorf("%d views of %d are outside the tastes, want some curiosity", other[0], own[0]+other[0])
	}
}

func TestMirasTasteIsPlain(t *testing.T) {
	b := observe(t)
	count := map[string]int{}
	for _, i := range b.log[Mira] {
		count[b.category(i)]++
	}
	pottery, sea, cooking := count["Pottery"], count["Sea Swimming"], count["Cooking"]
	if total := len(b.log[Mira]); total != 60 || pottery <= sea || sea <= cooking || cooking < 5 || pottery+sea+cooking < total*9/10 {
		t.Errorf("mira's %d events are on %v; want Pottery, Sea Swimming and Cooking in that order", total, count)
	}
	unseen := 0
	for _, p := range b.posts {
		seen := slices.ContainsFunc(b.log[Mira], func(i interaction.Interaction) bool { return i.PostID == p.ID })
		if p.Category != nil && p.Category.Name == "Pottery" && !seen {
			unseen++
		}
	}
	if unseen < 8 {
		t.Errorf("mira has %d pottery posts left to be shown, want enough for a feed", unseen)
	}
}

func TestWhatFollowsWhatCanBeLearnt(t *testing.T) {
	b := observe(t)
	steps, sameCategory, nextOfSeries := 0, 0, 0
	shelf := newShelf(Load(created).Posts)
	for _, log := range b.log {
		for n := 1; n < len(log); n++ {
			from, to := log[n-1], log[n]
			if from.PostID == to.PostID {
				continue
			}
			steps++
			if b.category(from) == b.category(to) {
				sameCategory++
			}
			if shelf.after[from.PostID-firstPostID] == int(to.PostID-firstPostID) {
				nextOfSeries++
			}
		}
	}
	// By chance, a step would end in the next part of a series about once in 346 times.
	if nextOfSeries*15 < steps {
		t.Errorf("%d of %d steps go on in a series, want at least one in 15", nextOfSeries, steps)
	}
	if sameCategory*2 < steps {
		t.Errorf("%d of %d steps stay in a category, want at least half", sameCategory, steps)
	}
}

func TestNobodyWatchesTwiceOrFollowsTwice(t *testing.T) {
	b := observe(t)
	for username, log := range b.log {
		done := map[interaction.Kind]map[string]bool{interaction.View: {}, interaction.Skip: {}, interaction.Like: {}, interaction.Follow: {}}
		for _, i := range log {
			what := b.posts[i.PostID].Slug
			if i.Kind == interaction.Follow {
				what = b.posts[i.PostID].Owner.Username
			}
			if kind := done[i.Kind]; kind != nil {
				if kind[what] {
					t.Errorf("%s did %s %q twice", username, i.Kind, what)
				}
				kind[what] = true
			}
		}
	}
}

func TestEveryKindOfEventThatPeopleMakeOccurs(t *testing.T) {
	count := map[interaction.Kind]int{}
	for _, i := range Load(created).Interactions {
		count[i.Kind]++
	}
	for kind, least := range map[interaction.Kind]int{
		interaction.View: 1500, interaction.Like: 300, interaction.Inspire: 50, interaction.Rating: 150,
		interaction.Share: 20, interaction.Bookmark: 30, interaction.Follow: 30, interaction.Skip: 100,
	} {
		if count[kind] < least {
			t.Errorf("%d events of kind %s, want at least %d", count[kind], kind, least)
		}
	}
}

func TestDice(t *testing.T) {
	d := newDice("dice")
	counts := make([]int, 3)
	for range 6000 {
		if n := d.between(-2, 2); n < -2 || n > 2 {
			t.Fatalf("between(-2, 2) = %d", n)
		}
		counts[d.pick([]int64{1, 0, 2})]++
	}
	if counts[1] != 0 || counts[0] < 1800 || counts[0] > 2200 {
		t.Errorf("pick of weights 1, 0, 2 gave %v of 6000", counts)
	}
	if got := d.pick([]int64{0, 0}); got != -1 {
		t.Errorf("pick without weight = %d, want -1", got)
	}
	if d.chance(0) || !d.chance(100) {
		t.Error("chance(0) or chance(100) is not certain")
	}
	if newDice("a", "b").below(1<<40) == newDice("ab").below(1<<40) {
		t.Error("names are run together")
	}
}
