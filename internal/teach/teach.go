// Package teach keeps the models of a running service in step with what users do.
//
// Of several processes on one store, one leads: it saves a snapshot of what everyone did with the
// recipe to fit it by, and looks for better recipes. Every process, the leading one too, follows:
// it fits the newest snapshot and takes it into use at the moment that the snapshot names, so that all
// of them answer alike. A restart follows the snapshot that is there.
package teach

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/learn"
	"resonance/internal/lease"
	"resonance/internal/replica"
	"resonance/internal/store"
)

// Store keeps the snapshot.
type Store interface {
	lease.Store
	SaveSnapshot(ctx context.Context, s store.Snapshot) (version int64, err error)
	KeepFit(ctx context.Context, version int64, fit store.Fit) error
	Snapshot(ctx context.Context, known int64) (store.Snapshot, error)
}

// Options of a Teacher.
type Options struct {
	Store   Store
	Replica *replica.Replica
	// Copy makes a replica of its own to learn from for minutes, so that requests need not wait
	// while it is read.
	Copy func() (*replica.Replica, error)
	// Queued returns how many posts wait for their embedding; nil: none ever does.
	Queued func(ctx context.Context) (int64, error)
	Effort learn.Effort
	Log    zerolog.Logger
}

// Teacher fits models and looks for better ones.
type Teacher struct {
	Options
	version atomic.Int64 // of the snapshot that serves, 0 for none
	fitting atomic.Int64 // how long the last fit took, nanoseconds
	looking atomic.Bool
}

// New returns a teacher; Run makes it work.
func New(o Options) *Teacher { return &Teacher{Options: o} }

// Looking reports whether this process looks for a better recipe at the moment.
func (t *Teacher) Looking() bool { return t.looking.Load() }

// How often a process looks for a new snapshot, and for new events.
const (
	lookout = 500 * time.Millisecond
	pause   = time.Second
)

// A process that leads rests this many times as long as a fit takes, so that keeping the model in step takes a thirtieth
// of a processor; and looks for a better recipe once there are this many times as many touches as at the last look. The first
// fit of a process and the first look do not rest meanwhile: what they find is worth more than what they cost.
const (
	rest   = 10
	growth = 1.25
)

// Run teaches until ctx ends.
func (t *Teacher) Run(ctx context.Context) {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		for lease.Sleep(ctx, lookout) {
			if err := t.Follow(ctx); err != nil && ctx.Err() == nil {
				t.Log.Error().Err(err).Msg("a model could not be fitted; the one before goes on serving")
			}
		}
		return nil
	})
	g.Go(func() error {
		leading := lease.New(t.Store, "model", t.Log)
		for ctx.Err() == nil {
			if err := leading.Do(ctx, lease.Forever, t.lead); err != nil && ctx.Err() == nil {
				t.Log.Error().Err(err).Msg("learning stopped; it is tried again")
				lease.Sleep(ctx, pause)
			}
		}
		return nil
	})
	_ = g.Wait() // neither returns an error
}

// Start loads the replica, and fits the newest snapshot beside that: both are done when it returns. What people did is
// counted once, as the model wants it.
func (t *Teacher) Start(ctx context.Context) error {
	snapshot, err := t.Store.Snapshot(ctx, 0)
	if errors.Is(err, errs.NotFound) {
		return t.Replica.Refresh(ctx)
	}
	if err != nil {
		return err
	}
	recipe, err := learn.ParseRecipe(snapshot.Recipe)
	if err != nil {
		return err
	}
	t.Replica.Adopt(learn.Expecting(recipe))
	var f fit
	err = t.Replica.Load(ctx, func(ctx context.Context, posts *catalog.Index) {
		f = t.fit(ctx, snapshot, func() (learn.Lesson, error) { return learn.Decoded(posts, snapshot.Rows) })
	})
	if err != nil {
		return err
	}
	return t.serve(ctx, snapshot, f)
}

// Follow fits the newest snapshot, if it does not serve yet, and takes it into use when it is time. Requests wait only while its
// rows are matched with posts.
func (t *Teacher) Follow(ctx context.Context) error {
	snapshot, err := t.Store.Snapshot(ctx, t.version.Load())
	if errors.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return t.serve(ctx, snapshot, t.fit(ctx, snapshot, func() (lesson learn.Lesson, err error) {
		err = t.Replica.Read(ctx, func(view replica.View) error {
			lesson, err = learn.Decoded(view.Catalog, snapshot.Rows)
			return err
		})
		return lesson, err
	}))
}

// fit is the model of a snapshot, or why there is none.
type fit struct {
	model *learn.Model
	took  time.Duration
	err   error
}

// fit makes the model of a snapshot from its rows.
func (t *Teacher) fit(ctx context.Context, s store.Snapshot, rows func() (learn.Lesson, error)) (f fit) {
	began := time.Now()
	defer func() { f.took = time.Since(began) }()
	recipe, err := learn.ParseRecipe(s.Recipe)
	if err != nil {
		return fit{err: err}
	}
	lesson, err := rows()
	if err != nil {
		return fit{err: err}
	}
	if t.version.Load() > 0 {
		ctx = gently(ctx)
	}
	t.Effort.Do(func() {
		f.model, f.err = recipe.Fit(ctx, lesson, s.Fit.Kept)
		if errors.Is(f.err, errs.Invalid) { // what was kept is damaged, or of another program
			t.Log.Warn().Err(f.err).Msg("what was kept of a model is of no use; it is fitted anew")
			f.model, f.err = recipe.Fit(ctx, lesson, nil)
		}
	})
	return f
}

// serve takes the model of a snapshot into use when it is time, and keeps what took long to fit.
func (t *Teacher) serve(ctx context.Context, snapshot store.Snapshot, f fit) error {
	if f.err != nil {
		return fmt.Errorf("fit snapshot %d: %w", snapshot.Version, f.err)
	}
	model := f.model
	model.Version, model.FittedAt, model.Sequence = snapshot.Version, snapshot.MadeAt, snapshot.Sequence
	t.fitting.Store(int64(max(f.took, snapshot.Fit.Took))) // the next one has to be fitted
	if !lease.Sleep(ctx, time.Until(snapshot.ServesAt)) {
		return ctx.Err()
	}
	t.Replica.Adopt(model)
	t.version.Store(snapshot.Version)
	t.Log.Info().Int64("version", model.Version).Int("touches", model.Touches).Dur("fit", f.took).Msg("a new model serves")
	if snapshot.Fit.Kept != nil {
		return nil
	}
	if err := t.Store.KeepFit(ctx, model.Version, store.Fit{Kept: model.Kept(), Took: f.took}); err != nil && ctx.Err() == nil {
		t.Log.Warn().Err(err).Msg("what was fitted could not be kept; the next start fits it anew")
	}
	return nil
}

// lead saves snapshots and looks for better recipes until ctx ends or the store fails.
func (t *Teacher) lead(ctx context.Context) error {
	for {
		if err := t.step(ctx); err != nil {
			return err
		}
		if !lease.Sleep(ctx, max(pause, rest*time.Duration(t.fitting.Load()))) {
			return ctx.Err()
		}
	}
}

// step looks for a better recipe, or saves a snapshot, where either is due.
func (t *Teacher) step(ctx context.Context) error {
	var next store.Snapshot
	var serving learn.Recipe
	var due, embedded bool
	err := t.Replica.Read(ctx, func(view replica.View) error {
		if view.Model.Version != t.version.Load() {
			return nil // the newest snapshot is being fitted
		}
		serving = view.Model.Recipe
		if due, embedded = isDue(view); !due {
			next = newer(view)
		}
		return nil
	})
	if err == nil && embedded && !due {
		due, err = t.settled(ctx)
	}
	switch {
	case err != nil:
		return err
	case due:
		return t.improve(ctx, serving)
	case next.Rows != nil:
		return t.save(ctx, next)
	}
	return nil
}

// settled reports whether no post waits for its embedding.
func (t *Teacher) settled(ctx context.Context) (bool, error) {
	if t.Queued == nil {
		return true, nil
	}
	queued, err := t.Queued(ctx)
	return queued == 0, err
}

// mostTuned is the largest catalogue that a serving process looks for a recipe for: that takes a copy of the
// catalogue and all embeddings whole, which for a million posts is 3 GB. The command tune does it anywhere.
const mostTuned = 100_000

// isDue reports whether it is time to look for a better recipe, for the first time or as there is more to learn from;
// and whether it is as soon as all embeddings are there.
func isDue(view replica.View) (due, embedded bool) {
	if view.Model.Touches == 0 || view.Catalog.Len() > mostTuned {
		return false, false
	}
	tuned := view.Model.Recipe.Tuned
	if tuned == nil {
		return true, false
	}
	more := func(now, then int) bool { return float64(now) > growth*float64(then) }
	return more(view.Crowd.Touches(), tuned.Touches), more(view.Embedded(), tuned.Embedded)
}

// newer returns a snapshot of what everyone did by now, with nil Rows where the model that serves was
// fitted to the same.
func newer(view replica.View) store.Snapshot {
	if !view.Stale() {
		return store.Snapshot{}
	}
	recipe := view.Model.Recipe
	if view.Model.Touches == 0 {
		recipe = learn.Begin(learn.Past{Catalog: view.Catalog, Log: view.Log})
	}
	return snapshotOf(view, view.Model.Version, recipe)
}

func snapshotOf(view replica.View, version int64, recipe learn.Recipe) store.Snapshot {
	return store.Snapshot{
		Version: version, Recipe: recipe.String(), Sequence: view.Sequence,
		Touches: view.Crowd.Touches(), Rows: learn.Encoded(view.Catalog, view.Crowd),
	}
}

// save writes a snapshot in place of the version that it names, to serve once every process has had
// the time to fit it.
func (t *Teacher) save(ctx context.Context, s store.Snapshot) error {
	s.ServesAt = time.Now().Add(2*lookout + 2*time.Duration(t.fitting.Load()))
	_, err := t.Store.SaveSnapshot(ctx, s)
	if errors.Is(err, errs.Conflict) { // a recipe was chosen by hand meanwhile; it is fitted next
		return nil
	}
	return err
}

// sparing returns an effort that rests after each piece of work.
func (t *Teacher) sparing(ctx context.Context) learn.Effort {
	rested := t.Effort
	rested.Turn = func(work func()) {
		var took time.Duration
		t.Effort.Do(func() {
			began := time.Now()
			work()
			took = time.Since(began)
		})
		lease.Sleep(ctx, resting*took)
	}
	return rested
}

// improve looks for a better recipe than the one that serves and saves what it found.
func (t *Teacher) improve(ctx context.Context, serving learn.Recipe) error {
	t.looking.Store(true)
	defer t.looking.Store(false)
	own, err := t.Copy()
	if err != nil {
		return err
	}
	defer own.Close()
	var next store.Snapshot
	err = own.Read(ctx, func(view replica.View) error {
		past := view.Past()
		began := time.Now()
		effort := t.Effort
		if serving.Tuned != nil {
			effort = t.sparing(ctx)
		}
		recipe, err := learn.Tune(ctx, past, learn.Mixed, serving, effort)
		if err != nil {
			return err
		}
		t.Log.Info().Bool("better", !recipe.Same(serving)).Float64("before", recipe.Tuned.Before).Float64("after", recipe.Tuned.After).
			Bool("trees", recipe.Trees != nil).Float64("trees_gain", recipe.Tuned.Trees.Mean).Dur("took", time.Since(began)).Msg("looked for a better recipe")
		next = snapshotOf(view, t.version.Load(), recipe)
		return nil
	})
	if err != nil {
		return fmt.Errorf("look for a better recipe: %w", err)
	}
	return t.save(ctx, next)
}
