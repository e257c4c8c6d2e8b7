package learn

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"resonance/internal/catalog"
	"resonance/internal/collab"
	"resonance/internal/evaluate/protocol"
	"resonance/internal/interaction"
	"resonance/internal/profile"
	"resonance/internal/signal"
	"resonance/internal/vector"
)

// Past is what there is to learn from. It must not change while it is learnt from.
type Past struct {
	Catalog    *catalog.Index
	Log        *interaction.Log
	Embeddings *vector.Index
}

// Effort says how hard a search may work.
type Effort struct {
	Workers int // processors, at least 1
	// Turn runs a piece of work of a few milliseconds, or of a second or two now and then, when it is its
	// turn among other work in the background; nil: at once.
	Turn func(work func())
}

// Do runs a piece of work in its turn.
func (e Effort) Do(work func()) {
	if e.Turn == nil {
		work()
		return
	}
	e.Turn(work)
}

// exam is lists of the past whose answers are known, and what signals say of their candidates.
type exam struct {
	past     Past
	posts    []catalog.Ordinal // by id: what lists may show
	splits   []split
	touches  int // in all
	embedded int // of posts
	effort   Effort
}

// split is the lists that are asked of one state of the past.
type split struct {
	rows    Rows
	lists   []list
	stream  []visit // touches that come while the lists are asked, by time
	opening int64   // the moment of the first list
}

// visit is a touch that comes.
type visit struct {
	user int64
	collab.Touch
}

// list is one question with its answer, over the candidates worth keeping.
type list struct {
	protocol.List
	history []signal.Touch
	kept    []int32 // places among the candidates, ascending
	hits    []int   // places of the relevant ones among kept, ascending
}

// size bounds an exam: how many lists it asks at most, spread evenly over what a protocol builds, and
// about how many candidates in all.
type size struct{ lists, candidates int }

// enough is what tuning asks.
var enough = size{1500, 10_000_000}

// newExam cuts an exam from the past.
func newExam(past Past, rule string, effort Effort, bound size) *exam {
	e := &exam{past: past, effort: effort}
	for o := range catalog.Ordinal(past.Catalog.Cap()) {
		if past.Catalog.Entry(o).Eligible() {
			e.posts = append(e.posts, o)
			if past.Embeddings.Version(o) != 0 {
				e.embedded++
			}
		}
	}
	slices.SortFunc(e.posts, past.Catalog.CompareIDs)
	items := make([]protocol.Item, len(e.posts))
	for i, o := range e.posts {
		entry := past.Catalog.Entry(o)
		items[i] = protocol.Item{ID: entry.ID, CreatedAt: entry.CreatedAt}
	}
	events := e.events()
	for _, row := range e.rows(events) {
		e.touches += len(row)
	}
	splits := cuts[rule](events, items)
	total := 0
	for i := range splits {
		total += len(splits[i].Lists)
	}
	most := max(1, min(bound.lists, bound.candidates/max(1, len(e.posts))))
	most = min(most, total)
	n := 0
	for i := range splits {
		s := split{rows: e.rows(splits[i].Train)}
		for _, l := range splits[i].Lists {
			if n++; n*most/total > (n-1)*most/total { // evenly, most of total
				s.lists = append(s.lists, list{List: l, history: e.history(&l)})
			}
		}
		if len(s.lists) == 0 {
			continue
		}
		slices.SortStableFunc(s.lists, func(a, b list) int { return cmp.Compare(a.Now, b.Now) })
		s.opening = s.lists[0].Now
		if rule == Live {
			s.stream = e.stream(events, splits[i].Train, s.lists[len(s.lists)-1].Now)
		}
		e.splits = append(e.splits, s)
	}
	return e
}

// events returns the touches of posts that may be shown, as protocols take them.
func (e *exam) events() []protocol.Event {
	var events []protocol.Event
	for user := range e.past.Log.Users() {
		for _, ev := range e.past.Log.Of(user) {
			o, known := e.past.Catalog.Lookup(int64(ev.PostID))
			if known && e.past.Catalog.Entry(o).Eligible() && interaction.IsTouch(ev.Kind, int(ev.Value)) {
				events = append(events, protocol.Event{
					User: user, Item: int64(ev.PostID), At: ev.At, Kind: int(ev.Kind), Value: float64(ev.Value), Line: int(ev.Row) - 1,
				})
			}
		}
	}
	return events
}

// rows returns the first touches of each user among ordered events.
func (e *exam) rows(events []protocol.Event) Rows {
	rows, known := Rows{}, map[[2]int64]bool{}
	for _, ev := range events {
		if pair := [2]int64{ev.User, ev.Item}; !known[pair] {
			known[pair] = true
			o, _ := e.past.Catalog.Lookup(ev.Item)
			rows[ev.User] = append(rows[ev.User], collab.Touch{Item: int32(o), At: ev.At})
		}
	}
	return rows
}

// stream returns the first touches after the training part, before the moment until.
func (e *exam) stream(events, train []protocol.Event, until int64) []visit {
	known := map[[2]int64]bool{}
	from := int64(0)
	for _, ev := range train {
		known[[2]int64{ev.User, ev.Item}] = true
		from = ev.At
	}
	slices.SortFunc(events, func(a, b protocol.Event) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.User, b.User), cmp.Compare(a.Item, b.Item))
	})
	var stream []visit
	for _, ev := range events {
		pair := [2]int64{ev.User, ev.Item}
		if ev.At < from || ev.At >= until || known[pair] {
			continue
		}
		known[pair] = true
		o, _ := e.past.Catalog.Lookup(ev.Item)
		stream = append(stream, visit{ev.User, collab.Touch{Item: int32(o), At: ev.At}})
	}
	return stream
}

// history returns what the list's user had done, as signals take it: the events on posts of the
// list's history and, of those that are no touches, all on posts that are no answers; before the list's
// moment.
func (e *exam) history(l *protocol.List) []signal.Touch {
	open := map[int64]bool{}
	for _, t := range l.History {
		open[t.Item] = true
	}
	var known interaction.History
	for _, ev := range e.past.Log.Of(l.User) {
		_, answer := slices.BinarySearch(l.Relevant, int64(ev.PostID))
		if ev.At < l.Now && !answer && (open[int64(ev.PostID)] || !interaction.IsTouch(ev.Kind, int(ev.Value))) {
			known = append(known, ev)
		}
	}
	touches := signal.Touches(e.past.Catalog, profile.Of(known, e.past.Log.RatingScale()))
	posts := make([]catalog.Ordinal, min(signal.Remembered, len(touches)))
	for i := range posts {
		posts[i] = touches[i].Post
	}
	for i, v := range e.past.Embeddings.Vectors(posts) {
		touches[i].Vector = v
	}
	return touches
}

// candidates returns the posts that the list may show, by ascending id.
func (e *exam) candidates(l *list) []catalog.Ordinal {
	seen := make([]bool, e.past.Catalog.Cap())
	for _, t := range l.History {
		o, _ := e.past.Catalog.Lookup(t.Item)
		seen[o] = true
	}
	open := make([]catalog.Ordinal, 0, len(e.posts))
	for _, o := range e.posts {
		if !seen[o] && e.past.Catalog.Entry(o).CreatedAt < l.CreatedBefore {
			open = append(open, o)
		}
	}
	return open
}

// asking is signals, by their places in signal.All, and the settings under which they are asked.
type asking struct {
	settings signal.Settings
	signals  []int
}

// answer is what the signals of an asking say of every candidate of a list, normalised; valid during the visit.
type answer struct {
	asking, split, list int
	candidates          []catalog.Ordinal
	values              [][]float64 // by signal of the asking
}

// ask asks about every list and calls visit with the answers, of one list in the order of askings. visit is called
// from several goroutines, for lists of one split from one.
func (e *exam) ask(ctx context.Context, askings []asking, visit func(answer)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(e.effort.Workers)
	for n := range e.splits {
		g.Go(func() error {
			if err := e.askSplit(ctx, askings, n, visit); err != nil {
				return fmt.Errorf("ask signals about the past: %w", err)
			}
			return nil
		})
	}
	return g.Wait()
}

func (e *exam) askSplit(ctx context.Context, askings []asking, n int, visit func(answer)) error {
	lesson, err := NewLesson(e.past.Catalog, e.splits[n].rows)
	if err != nil {
		return err
	}
	a := asker{exam: e, split: n, lesson: lesson}
	return a.ask(ctx, askings, visit)
}

// crowd returns the crowd as it was at the start of the split.
func (e *exam) crowd(part *split, s signal.Settings) *signal.Crowd {
	crowd := signal.NewCrowd(s, part.opening)
	crowd.Fill(e.past.Catalog, part.rows)
	sums, counts := map[catalog.Ordinal]int64{}, map[catalog.Ordinal]int32{}
	for user, row := range part.rows {
		touched := map[int32]bool{}
		for _, t := range row {
			touched[t.Item] = true
		}
		for _, ev := range e.past.Log.Of(user) {
			if o, _ := e.past.Catalog.Lookup(int64(ev.PostID)); ev.Kind == interaction.Rating && ev.At < part.opening && touched[int32(o)] {
				sums[o] += int64(ev.Value)
				counts[o]++
			}
		}
	}
	for o, sum := range sums {
		crowd.Rate(o, sum, counts[o])
	}
	return crowd
}
