package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// ledger is the simple model of TestPromises: everything that was acknowledged and stands.
type ledger struct {
	posts     map[int]*ledgerPost
	deeds     []*deed
	withdrawn map[about]time.Time
	spent     map[string]string // by key, caller and user: what for
	forgotten map[string]bool
	stream    []*told // what it took, for another store
}

type ledgerPost struct {
	project string
	public  bool
	gone    bool
}

// author returns who made a post, "" for a deleted one.
func (l *ledger) author(post int) string {
	if p := l.posts[post]; p == nil || p.gone {
		return ""
	}
	return authorOf(post)
}

func authorOf(post int) string { return []string{"ada", "bob", "zoe", "yan"}[post%4] }

// about is what a tombstone covers.
type about struct {
	user string
	post int
	kind string
}

// deed is an interaction: one that is told, or one that stands.
type deed struct {
	about
	value *int
	at    time.Time // zero in one that is told: when it is recorded
	key   string    // the client's, or upstream's
	sync  bool      // upstream told it
}

// told is something that changed the ledger and can be told again in any order.
type told struct {
	*deed
	removes bool
	as      string // the idempotency key that is the same for all callers, "" for none
}

func newLedger() *ledger {
	return &ledger{posts: map[int]*ledgerPost{}, withdrawn: map[about]time.Time{}, spent: map[string]string{}, forgotten: map[string]bool{}}
}

// asker is a key and the project it is bound to, "" for none.
type asker struct{ key, project string }

func (a asker) reaches(p *ledgerPost) bool { return a.project == "" || p.project == a.project }

// record returns what has to become of a deed, and takes it if it is accepted. stored is the time that
// the answer gives it.
func (l *ledger) record(who asker, d deed, stored time.Time) string {
	request, body := fmt.Sprintf("%s %q %q", who.key, d.user, d.key), fmt.Sprint(d.post, d.kind, d.at, text(d.value))
	if used, returned := l.spent[request]; d.key != "" && returned {
		if used == body {
			return "DUPLICATE"
		}
		return "CONFLICT"
	}
	switch p := l.posts[d.post]; {
	case p == nil || p.gone || !who.reaches(p):
		return "NOT_FOUND"
	case l.forgotten[d.user]:
		return "FORBIDDEN"
	case d.key == "" && d.at.IsZero() && l.stands(who, d.about):
		return "DUPLICATE"
	}
	as := ""
	if d.key != "" {
		l.spent[request], as = body, who.project+" "+d.key
	}
	same := slices.ContainsFunc(l.deeds, func(o *deed) bool { return o.key == "" && d.key == "" && o.about == d.about && o.at.Equal(d.at) })
	if !d.at.IsZero() && (same || !d.at.After(l.withdrawn[d.about])) {
		return "DUPLICATE"
	}
	d.at = stored
	l.deeds = append(l.deeds, &d)
	l.stream = append(l.stream, &told{deed: &d, as: as})
	return "ACCEPTED"
}

// stands reports whether a like, bookmark or follow is there already, as far as the asker can see.
func (l *ledger) stands(who asker, a about) bool {
	return slices.Contains([]string{"like", "bookmark", "follow"}, a.kind) && slices.ContainsFunc(l.deeds, func(d *deed) bool {
		return d.user == a.user && d.kind == a.kind && l.concerns(who, d, a)
	})
}

// concerns reports whether a deed is about the same: a follow is about the author.
func (l *ledger) concerns(who asker, d *deed, a about) bool {
	return d.post == a.post || a.kind == "follow" && l.author(d.post) == authorOf(a.post) && who.reaches(l.posts[d.post])
}

// remove takes back, up to a time or, for the zero time, all there is; removed is "" unless it is refused.
func (l *ledger) remove(who asker, a about, at time.Time) (removed int, refused string) {
	switch p := l.posts[a.post]; {
	case p == nil || p.gone || !who.reaches(p):
		return 0, "NOT_FOUND"
	case l.forgotten[a.user]:
		return 0, "FORBIDDEN"
	}
	covered := map[about]bool{a: true}
	for _, d := range l.deeds {
		if d.user == a.user && d.kind == a.kind && l.concerns(who, d, a) {
			covered[d.about] = true
		}
	}
	for a := range covered {
		until := at
		if at.IsZero() {
			until = moments[len(moments)-1] // and in truth up to now
			for _, d := range l.deeds {
				if d.about == a && d.at.After(until) {
					until = d.at
				}
			}
		}
		if until.After(l.withdrawn[a]) {
			l.withdrawn[a] = until
		}
		before := len(l.deeds)
		l.deeds = slices.DeleteFunc(l.deeds, func(d *deed) bool { return d.about == a && !d.at.After(until) })
		removed += before - len(l.deeds)
		l.stream = append(l.stream, &told{deed: &deed{about: a, at: until}, removes: true})
	}
	return removed, ""
}

// sync takes a row of upstream's, whose last version counts.
func (l *ledger) sync(d deed) {
	d.sync = true
	if l.forgotten[d.user] {
		return
	}
	l.stream = append(l.stream, &told{deed: &d})
	l.deeds = slices.DeleteFunc(l.deeds, func(o *deed) bool { return o.sync && o.key == d.key })
	if d.at.After(l.withdrawn[d.about]) {
		l.deeds = append(l.deeds, &d)
	}
}

func (l *ledger) forget(user string) (deleted int) {
	l.forgotten[user] = true
	of := func(d *deed) bool { return d.user == user }
	before := len(l.deeds)
	l.deeds = slices.DeleteFunc(l.deeds, of)
	l.stream = slices.DeleteFunc(l.stream, func(t *told) bool { return of(t.deed) })
	maps.DeleteFunc(l.withdrawn, func(a about, _ time.Time) bool { return a.user == user })
	maps.DeleteFunc(l.spent, func(request, _ string) bool { return strings.Contains(request, fmt.Sprintf(" %q ", user)) })
	return before - len(l.deeds)
}

// visible reports whether anybody may see a post in an answer about a project, "" for all.
func (l *ledger) visible(post int, project string) bool {
	p := l.posts[post]
	return p != nil && !p.gone && p.public && (project == "" || p.project == project)
}

func (l *ledger) did(user string, post int, kinds ...string) (last time.Time, did bool) {
	for _, d := range l.deeds {
		if d.user == user && d.post == post && slices.Contains(kinds, d.kind) {
			if did = true; d.at.After(last) {
				last = d.at
			}
		}
	}
	return last, did
}

var seenKinds = []string{"view", "like", "inspire", "rating", "share", "bookmark", "skip"}

// fit returns the posts that a feed may hold: those that the user has not seen, and the others in the order
// in which they may come.
func (l *ledger) fit(user, project string) (unseen, seen []int) {
	for id := range l.posts {
		_, hidden := l.did(user, id, "hide")
		if !l.visible(id, project) || hidden || authorOf(id) == user {
			continue
		}
		if _, met := l.did(user, id, seenKinds...); met {
			seen = append(seen, id)
		} else {
			unseen = append(unseen, id)
		}
	}
	slices.SortFunc(seen, func(a, b int) int {
		atA, _ := l.did(user, a, seenKinds...)
		atB, _ := l.did(user, b, seenKinds...)
		return cmp.Or(atA.Compare(atB), cmp.Compare(a, b))
	})
	return unseen, seen
}

// flags returns what an answer has to say of a user and a post.
func (l *ledger) flags(who asker, user string, post int) string {
	_, liked := l.did(user, post, "like")
	_, kept := l.did(user, post, "bookmark")
	follows := slices.ContainsFunc(l.deeds, func(d *deed) bool {
		return d.user == user && d.kind == "follow" && l.author(d.post) == authorOf(post) && who.reaches(l.posts[d.post])
	})
	return fmt.Sprint(liked, kept, follows)
}

// counters returns how often a post was watched, liked, kept and shared, besides what upstream counts itself.
func (l *ledger) counters(post int) string {
	counts := map[string]int{}
	done := map[about]int{}
	synced := map[about]bool{}
	for _, d := range l.deeds {
		if d.post == post {
			done[d.about]++
			synced[d.about] = synced[d.about] || d.sync
		}
	}
	for a, n := range done {
		switch {
		case synced[a]:
		case a.kind == "like" || a.kind == "bookmark":
			counts[a.kind]++
		default:
			counts[a.kind] += n
		}
	}
	return fmt.Sprint(counts["view"], counts["like"], counts["bookmark"], counts["share"])
}

func text(value *int) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(*value)
}
