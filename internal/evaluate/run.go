package evaluate

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"resonance/internal/collab"
	"resonance/internal/errs"
	"resonance/internal/evaluate/dataset"
	"resonance/internal/evaluate/protocol"
	"resonance/internal/recommend"
)

// EngineName is the name of the engine among the systems.
const EngineName = "engine"

// Options say what is measured.
type Options struct {
	Protocol string // one of Protocols
	K        int    // length of the lists, 1..recommend.MaxTopK
	Data     *dataset.Dataset
	Vectors  [][]float32 // embeddings of Data.Posts, nil where there is none
	Serve    Serve
	// Progress is told that done of total steps are done, from one goroutine or another; a step
	// is one list of one system, or the choice of one baseline's parameters.
	Progress func(done, total int)
}

// Run measures the engine and the baselines. It uses every processor, a system on each, and
// stops soon after ctx ends. The result does not depend on the number of processors.
func Run(ctx context.Context, o Options) (*Result, error) {
	if err := CheckProtocol(o.Protocol); err != nil {
		return nil, err
	}
	if o.K < 1 || o.K > recommend.MaxTopK {
		return nil, fmt.Errorf("%w: k: %d is not in 1..%d", errs.Invalid, o.K, recommend.MaxTopK)
	}
	r := &run{Options: o, world: newWorld(o.Data, o.Vectors), trials: trials(o.Protocol, o.Data)}
	if err := errors.Join(r.stream(), r.plan()); err != nil {
		return nil, err
	}
	for i := range r.trials {
		if err := r.measure(ctx, &r.trials[i]); err != nil {
			return nil, fmt.Errorf("evaluate %s: %w", o.Protocol, err)
		}
	}
	r.result.settle()
	return r.result, nil
}

// run is one measurement under way.
type run struct {
	Options
	world  *world
	trials []trial
	visits []visit // of Live: every first touch, by time
	result *Result
	steps  int
	done   atomic.Int64
}

// stream finds the first touches that the counts of Live are made of.
func (r *run) stream() error {
	if r.Protocol != Live {
		return nil
	}
	t, err := newTraining(ordered(r.Data.Touches()), len(r.world.items))
	if err != nil {
		return err
	}
	r.visits = t.visits
	return nil
}

// plan makes room for the result.
func (r *run) plan() error {
	lists := 0
	for i := range r.trials {
		for n := range r.trials[i].test {
			s := &r.trials[i].test[n]
			lists += len(s.Lists) + len(s.Cold)
		}
	}
	if lists == 0 {
		return fmt.Errorf("%w: the data gives %s no list to measure on: it has too few events", errs.NotFound, r.Protocol)
	}
	all := baselines()
	r.result = newResult(&r.Options, len(r.world.items), all)
	r.steps = lists*len(r.result.Systems) + len(r.trials)*len(all)
	return nil
}

func (r *run) step() {
	done := r.done.Add(1)
	if r.Progress != nil {
		r.Progress(int(done), r.steps)
	}
}

// measure runs every system over the test splits of a trial, the baselines with the parameters
// that validation chose.
func (r *run) measure(ctx context.Context, t *trial) error {
	chosen, err := r.choose(ctx, t)
	if err != nil {
		return err
	}
	engine := newServed(r.Serve, r.Data, r.Vectors, rolls(r.Protocol), r.K)
	defer engine.close()
	systems := slices.Concat([]system{engine}, chosen)
	for i := range t.test {
		if err := r.split(ctx, &t.test[i], systems); err != nil {
			return err
		}
	}
	r.result.Strange += engine.strange
	return nil
}

// choose returns the baselines, each with the variant that is best on validation; nil for one
// that the data is too large for.
func (r *run) choose(ctx context.Context, t *trial) ([]system, error) {
	trainings := make([]*training, len(t.validation))
	for i := range t.validation {
		var err error
		if trainings[i], err = r.training(&t.validation[i]); err != nil {
			return nil, err
		}
	}
	all := baselines()
	chosen := make([]system, len(all))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for n, b := range all {
		g.Go(func() error {
			defer r.step()
			best, err := r.best(ctx, b, t.validation, trainings)
			if errors.Is(err, collab.ErrTooLarge) {
				r.result.Systems[n+1].Missing = err.Error()
				return nil
			}
			chosen[n] = newFitted(best, r.world, r.K)
			r.result.Systems[n+1].chose(best.label)
			return err
		})
	}
	return chosen, g.Wait()
}

// best returns the variant of b that is best on the validation splits, the first of equals.
func (r *run) best(ctx context.Context, b baseline, splits []protocol.Split, trainings []*training) (variant, error) {
	if len(b.variants) == 1 {
		return b.variants[0], nil
	}
	best, most := b.variants[0], -1.
	for _, v := range b.variants {
		ndcg, err := validate(ctx, v, r.world, splits, trainings, r.K)
		if err != nil {
			return variant{}, fmt.Errorf("choose %s: %w", b.name, err)
		}
		if ndcg > most {
			best, most = v, ndcg
		}
	}
	return best, nil
}

func (r *run) training(s *protocol.Split) (*training, error) {
	t, err := newTraining(s.Train, len(r.world.items))
	if err == nil && r.visits != nil {
		t.visits = r.visits
	}
	return t, err
}

// split measures every system on the lists of a split, each on a goroutine of its own.
func (r *run) split(ctx context.Context, s *protocol.Split, systems []system) error {
	lists := inTime(s)
	if len(lists) == 0 {
		return nil
	}
	t, err := r.training(s)
	if err != nil {
		return err
	}
	first := r.result.add(lists)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for n, sys := range systems {
		if sys == nil || r.result.Systems[n].Missing != "" {
			continue
		}
		g.Go(func() error {
			err := r.answer(ctx, &r.result.Systems[n], sys, t, lists, first)
			if errors.Is(err, collab.ErrTooLarge) { // validation was small enough
				r.result.Systems[n].Missing = err.Error()
				return nil
			}
			return err
		})
	}
	return g.Wait()
}

// answer measures one system on the lists of a split, the first of which has the place first.
func (r *run) answer(ctx context.Context, of *System, sys system, t *training, lists []protocol.List, first int) error {
	if err := sys.learn(ctx, t, &lists[0]); err != nil {
		return fmt.Errorf("fit %s: %w", of.Name, err)
	}
	for i := range lists {
		if err := ctx.Err(); err != nil {
			return err
		}
		ranked, err := sys.rank(ctx, &lists[i])
		if err != nil {
			return fmt.Errorf("%s: %w", of.Name, err)
		}
		of.record(first+i, judge(ranked, &lists[i], t, r.K), ranked.top)
		r.step()
	}
	return nil
}
