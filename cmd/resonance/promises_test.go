package main

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPromises does random things to two replicas on one store, through their doors, and holds the six
// promises of docs/design.md after each: what one replica acknowledged is in the next answer of both, for
// every user, and equals what a simple model says; reasons add up; nothing hidden, deleted, own or
// foreign is shown; pages repeat nothing. In the end a new store is told the same, without whoever was
// forgotten, shuffled and twice, and has to make the same feeds.
func TestPromises(t *testing.T) {
	byDefault(t, "rapid.checks", "20") // a fifth of that when -short
	byDefault(t, "rapid.seed", "1")
	admin, adminLine := newKeyFor(t, "--scope", "admin")
	bound, boundLine := newKeyFor(t, "--scope", "write", "--project", "red")
	environ := []string{"API_KEYS=" + adminLine + "," + boundLine, "RATE_LIMIT=0", "EMBEDDING_MODEL=words", "EMBEDDING_URL=" + words(t)}
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		w := newPromised(t, dir, environ)
		w.admin, w.bound = asker{key: admin}, asker{bound, "red"}
		w.upsert(t)
		t.Repeat(map[string]func(*rapid.T){"": w.hold, "step": w.step})
		w.tellAnother(t)
	})
}

// byDefault sets a flag of rapid that nobody set.
func byDefault(t *testing.T, name, value string) {
	t.Helper()
	if f := flag.Lookup(name); f.Value.String() == f.DefValue {
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
}

// step does something. rapid draws what stands first in a list more often, here and below.
func (w *promised) step(t *rapid.T) {
	steps := []struct {
		name string
		do   func(*rapid.T)
	}{
		{"tell", w.tell},
		{"take back", w.takeBack},
		{"upsert", w.upsert}, {"unfollow", w.unfollow},
		{"sync", w.sync}, {"page", w.page}, {"list", w.list}, {"forget", w.forget},
		{"fit", w.fit}, {"restart", w.restart}, {"delete", w.delete}, {"embed", w.embed}, {"let back in", w.unforget},
	}
	next := steps[upTo(t, len(steps), "step")-1]
	t.Log(next.name)
	next.do(t)
}

// The small world: everything meets.
var (
	people   = []string{"ada", "bob", "cy d'ö \"🙂\"", "nobody yet"}
	projects = []string{"red", "blue", ""}
	kinds    = []string{"like", "follow", "view", "hide", "bookmark", "rating", "skip", "share", "inspire", "impression"}
	moments  = []time.Time{time.UnixMilli(1770000000000), time.UnixMilli(1770000001000), time.UnixMilli(1770009000000), time.UnixMilli(1771000000001)}
)

const lastPost = 24

// promised is two replicas on a store, and what they promised.
type promised struct {
	*ledger
	path         string // of the store
	environ      []string
	doors        []*door
	admin, bound asker
	actor        string         // did something last
	wiped        map[int64]bool // ids of users who were forgotten
}

func newPromised(t *rapid.T, dir string, environ []string) *promised {
	file, err := os.CreateTemp(dir, "*.db")
	ok(t, err)
	ok(t, file.Close())
	w := &promised{ledger: newLedger(), path: file.Name(), environ: environ, actor: people[0], wiped: map[int64]bool{}}
	for range 2 {
		w.doors = append(w.doors, openDoor(t, w.path, environ))
	}
	return w
}

func ok(t *rapid.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func one[T any](t *rapid.T, of []T, what string) T { return rapid.SampledFrom(of).Draw(t, what) }

func maybe(t *rapid.T, what string) bool { return rapid.Bool().Draw(t, what) }

func upTo(t *rapid.T, n int, what string) int { return rapid.IntRange(1, n).Draw(t, what) }

func (w *promised) door(t *rapid.T) *door { return w.doors[upTo(t, len(w.doors), "door")-1] }

func (w *promised) who(t *rapid.T) asker {
	if upTo(t, 3, "asker") == 3 {
		return w.bound
	}
	return w.admin
}

// drawDeed draws something that somebody did, now or late, one time in three where something was told
// before. Its value follows from the rest, for what is told twice without a key is the same event.
func (w *promised) drawDeed(t *rapid.T, now bool) deed {
	d := deed{about: about{one(t, people[:3], "user"), upTo(t, lastPost+1, "post"), one(t, kinds, "kind")}}
	if len(w.stream) > 0 && upTo(t, 3, "known") == 3 {
		d.about = w.stream[upTo(t, len(w.stream), "told")-1].about
	}
	if !now || maybe(t, "late") {
		d.at = one(t, moments, "at").UTC()
	}
	if value := (7*d.post+d.at.Second())%100 + 1; d.kind == "rating" || d.kind == "view" && d.post%2 == 0 {
		d.value = &value
	}
	return d
}

// tell records what a few people did over one of the doors.
func (w *promised) tell(t *rapid.T) {
	who, at := w.who(t), w.door(t)
	deeds := make([]deed, upTo(t, 4, "deeds"))
	for n := range deeds {
		deeds[n] = w.drawDeed(t, true)
		if deeds[n].key = one(t, []string{"", "", "k1", "k2", "k3"}, "key"); n > 0 && maybe(t, "again") {
			deeds[n] = deeds[n-1]
		}
	}
	w.actor = deeds[0].user
	for n, outcome := range at.record(t, who, deeds, maybe(t, "REST")) {
		if got, want := outcome.status, w.record(who, deeds[n], outcome.at); got != want {
			t.Fatalf("%+v by %+v is %s, want %s", deeds[n], who, got, want)
		}
	}
}

func (w *promised) takeBack(t *rapid.T) {
	d := w.drawDeed(t, true)
	if upTo(t, 3, "of a sync") == 3 {
		d.about = syncedAs(upTo(t, 3, "row"))
	}
	w.withdraw(t, w.who(t), d)
}

// unfollow takes a follow back through whichever post of the author the asker can reach.
func (w *promised) unfollow(t *rapid.T) {
	who := w.who(t)
	for _, d := range w.deeds {
		var through []int
		for id := 1; id <= lastPost; id++ {
			if p := w.posts[id]; d.kind == "follow" && authorOf(id) == authorOf(d.post) && p != nil && !p.gone && who.reaches(p) {
				through = append(through, id)
			}
		}
		if len(through) > 0 {
			w.withdraw(t, who, deed{about: about{d.user, one(t, through, "through"), d.kind}})
			return
		}
	}
}

func (w *promised) withdraw(t *rapid.T, who asker, d deed) {
	t.Helper()
	w.actor = d.user
	got, code := w.door(t).remove(t, who, d.about, d.at)
	if want, refused := w.remove(who, d.about, d.at); got != want || code != refused {
		t.Fatalf("taking back %+v by %+v: %d %s, want %d %s", d, who, got, code, want, refused)
	}
}

// syncedAs returns what a row of upstream's says.
func syncedAs(number int) about { return about{people[number%3], 1 + number*3, "view"} }

// sync brings a row of upstream's, new or corrected.
func (w *promised) sync(t *rapid.T) {
	d := w.drawDeed(t, false)
	number := upTo(t, 3, "row")
	d.about, d.key = syncedAs(number), fmt.Sprint("view:", number)
	value := rapid.IntRange(0, 100).Draw(t, "watched")
	d.value, w.actor = &value, d.user
	w.door(t).sync(t, d)
	w.ledger.sync(d)
}

// upsert makes posts or changes them; those that were deleted are made anew.
func (w *promised) upsert(t *rapid.T) {
	for range upTo(t, 8, "posts") {
		id := upTo(t, lastPost, "post")
		p := &ledgerPost{project: one(t, projects, "project"), public: upTo(t, 8, "public") > 1}
		w.door(t).upsert(t, w.admin, id, p)
		w.posts[id] = p
	}
}

func (w *promised) delete(t *rapid.T) {
	id := upTo(t, lastPost, "post")
	w.door(t).delete(t, w.admin, id)
	if p := w.posts[id]; p != nil {
		*p = ledgerPost{gone: true}
	}
}

func (w *promised) forget(t *rapid.T) {
	w.actor = one(t, people[:3], "user")
	at := w.door(t)
	known := at.user(t, w.admin, w.actor)
	var data struct {
		ForgetUser struct{ DeletedInteractions int }
	}
	code := at.query(t, w.admin, `mutation ($user: String!) { forgetUser(input: {username: $user}) { deletedInteractions } }`, map[string]any{"user": w.actor}, &data)
	if known == nil { // never was, or is forgotten already
		return
	}
	w.wiped[known.DatabaseID] = true
	if got, want := data.ForgetUser.DeletedInteractions, w.ledger.forget(w.actor); got != want || code != "" {
		t.Fatalf("forgetting %s deletes %d, want %d: %s", w.actor, got, want, code)
	}
}

func (w *promised) unforget(t *rapid.T) {
	for _, user := range people {
		if w.forgotten[user] {
			ok(t, w.doors[0].db.Unforget(t.Context(), user))
			delete(w.forgotten, user)
			return
		}
	}
}

func (w *promised) embed(t *rapid.T) { w.door(t).embed(t) }

// fit saves a snapshot of what everyone did, which both replicas take into use.
func (w *promised) fit(t *rapid.T) {
	w.door(t).snapshot(t)
	for _, d := range w.doors {
		ok(t, d.teacher.Follow(t.Context()))
	}
}

// restart puts a replica that loads everything anew in the place of one that followed the changes. It learns
// without whoever was forgotten since the last fit, and the others do with the next, which follows at once.
func (w *promised) restart(t *rapid.T) {
	w.doors[upTo(t, len(w.doors), "door")-1] = openDoor(t, w.path, w.environ)
	w.fit(t)
}
