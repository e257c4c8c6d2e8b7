package learn

import (
	"context"
	"slices"

	"resonance/internal/rank"
	"resonance/internal/signal"
)

// asker asks the lists of one split, under many settings on one way through them where memory allows.
type asker struct {
	exam   *exam
	split  int
	lesson Lesson

	begin, last         signal.Settings // of the first asking, and of the one before
	beginFitted, fitted *signal.Fitted  // by these
	crowd               *signal.Crowd   // by last; nil where touches come while lists are asked

	question signal.Question
	values   [][]float64
}

// ask calls visit with every answer.
func (a *asker) ask(ctx context.Context, askings []asking, visit func(answer)) error {
	for first := 0; first < len(askings); {
		n := a.together(askings[first:])
		if err := a.some(ctx, first, askings[first:first+n], visit); err != nil {
			return err
		}
		first += n
	}
	return nil
}

// together returns how many askings, from the first on, are asked on one way through the lists: those that count
// the same transitions, of which there are many. Where touches come meanwhile each asking has a crowd of its own.
func (a *asker) together(askings []asking) int {
	if a.part().stream != nil {
		return 1
	}
	first := askings[0].settings
	n := slices.IndexFunc(askings, func(other asking) bool {
		return other.settings.TransitionDays != first.TransitionDays || other.settings.Steps != first.Steps
	})
	if n < 0 {
		return len(askings)
	}
	return n
}

func (a *asker) part() *split { return &a.exam.splits[a.split] }

func (a *asker) some(ctx context.Context, first int, askings []asking, visit func(answer)) error {
	worlds := make([]signal.World, len(askings))
	for i := range askings {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		a.exam.effort.Do(func() { worlds[i], err = a.world(ctx, askings[i].settings) })
		if err != nil {
			return err
		}
	}
	part := a.part()
	coming := part.stream
	for i := range part.lists {
		if err := ctx.Err(); err != nil {
			return err
		}
		l := &part.lists[i]
		for ; len(coming) > 0 && coming[0].At < l.Now; coming = coming[1:] {
			crowd, u := worlds[0].Crowd, coming[0].user
			crowd.Put(a.exam.past.Catalog, u, append(slices.Clip(crowd.Row(u)), coming[0].Touch))
		}
		a.exam.effort.Do(func() {
			a.open(l)
			for n := range askings {
				a.question.World = worlds[n]
				visit(answer{first + n, a.split, i, a.question.Candidates, a.measure(askings[n].signals)})
			}
		})
	}
	return nil
}

// world learns what the split's users did, under settings. What was learnt before is taken over where it depends
// on nothing that differs.
func (a *asker) world(ctx context.Context, s signal.Settings) (w signal.World, err error) {
	w.Catalog, w.Embeddings = a.exam.past.Catalog, a.exam.past.Embeddings
	old := a.beginFitted
	if refits(s, a.begin) && !refits(s, a.last) {
		old = a.fitted
	}
	if w.Fitted, err = signal.Fit(ctx, a.lesson.data, a.lesson.posts, s, old); err != nil {
		return w, err
	}
	if a.beginFitted == nil {
		a.begin, a.beginFitted = s, w.Fitted
	}
	if a.crowd != nil {
		w.Crowd = a.crowd.With(s)
	} else {
		w.Crowd = a.exam.crowd(a.part(), s)
	}
	if a.part().stream == nil {
		a.crowd = w.Crowd
	}
	a.last, a.fitted = s, w.Fitted
	return w, nil
}

// refits reports whether models must be fitted anew when settings change.
func refits(a, b signal.Settings) bool {
	return a.Lambda != b.Lambda || a.Factors != b.Factors || a.Regularisation != b.Regularisation || a.Alpha != b.Alpha
}

// open puts a list's question.
func (a *asker) open(l *list) {
	q := &a.question
	q.Catalog = a.exam.past.Catalog
	q.User, q.Now, q.History, q.Candidates = l.User, l.Now, l.history, a.exam.candidates(l)
	q.Prepare()
}

// measure asks signals and normalises what they say.
func (a *asker) measure(signals []int) [][]float64 {
	n := len(a.question.Candidates)
	for len(a.values) < len(signals) {
		a.values = append(a.values, nil)
	}
	values := a.values[:len(signals)]
	for k, sig := range signals {
		values[k] = slices.Grow(values[k][:0], n)[:n]
		if signal.All()[sig].Name == "engagement" { // counted after the events that are held out: it would know them
			clear(values[k])
			continue
		}
		a.question.Ask(signal.All()[sig], values[k])
		rank.Normalise(values[k])
	}
	return values
}
