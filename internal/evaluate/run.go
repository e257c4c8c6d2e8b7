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
	"resonance/internal/evaluate/journal"
	"resonance/internal/evaluate/protocol"
	"resonance/internal/recommend"
)

// Options say what is measured.
type Options struct {
	Protocol string // one of Protocols
	K        int    // length of the lists, 1..recommend.MaxTopK
	Data     *dataset.Dataset
	Vectors  [][]float32 // embeddings of Data.Posts, nil where there is none
	Ablate   bool        // the engine without each of its signals is measured too
	Only     []string    // of Names: what is measured; none: all of them
	Serve    Serve
	// Cache is the folder where answers are kept as they come, so that a measurement that was
	// interrupted goes on when the same one runs again; "" keeps none.
	Cache string
	// Progress is told that done of total steps are done, from one goroutine or another; a step
	// is one list of one system, or the choice of one baseline's parameters.
	Progress func(done, total int)
}

// Run measures the engine and the baselines. It uses every processor, a system on each, and
// stops soon after ctx ends. The result does not depend on the number of processors, nor on how
// often it was interrupted.
func Run(ctx context.Context, o Options) (result *Result, err error) {
	if err := CheckProtocol(o.Protocol); err != nil {
		return nil, err
	}
	if o.K < 1 || o.K > recommend.MaxTopK {
		return nil, fmt.Errorf("%w: k: %d is not in 1..%d", errs.Invalid, o.K, recommend.MaxTopK)
	}
	for _, name := range o.Only {
		if err := errs.OneOf("only", name, Names()); err != nil {
			return nil, err
		}
	}
	r := &run{Options: o, world: newWorld(o.Data, o.Vectors), trials: trials(o.Protocol, o.Data)}
	if err := errors.Join(r.stream(), r.plan()); err != nil {
		return nil, err
	}
	if r.memory, err = openMemory(&o); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.memory.Close()) }()
	for i := range r.trials {
		if err := r.measure(ctx, i); err != nil {
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
	memory *journal.Journal
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
	var names []string
	add := func(system string, rows ...form) {
		for _, f := range rows {
			if r.wants(system) {
				names = append(names, f.name)
			}
		}
	}
	add(EngineName, forms...)
	add(equalName, form{name: equalName})
	for _, b := range baselines() {
		add(b.name, form{name: b.name})
	}
	if r.Ablate {
		add(EngineName, ablations()...)
	}
	r.result = newResult(&r.Options, len(r.world.items), names)
	r.steps = lists*len(names) + len(r.trials)*len(baselines())
	return nil
}

// Names returns the names of the systems, some of which have several rows in a result.
func Names() []string {
	names := []string{EngineName, equalName}
	for _, b := range baselines() {
		names = append(names, b.name)
	}
	return names
}

// wants reports whether the system is measured.
func (r *run) wants(system string) bool { return len(r.Only) == 0 || slices.Contains(r.Only, system) }

// rows returns the rows of the result that have the names.
func (r *run) rows(names ...string) []*System {
	rows := make([]*System, len(names))
	for n := range r.result.Systems {
		s := &r.result.Systems[n]
		if at := slices.Index(names, s.Name); at >= 0 {
			rows[at] = s
		}
	}
	return rows
}

func (r *run) step() {
	done := r.done.Add(1)
	if r.Progress != nil {
		r.Progress(int(done), r.steps)
	}
}

// entrant is a system with its rows of the result.
type entrant struct {
	system
	rows []*System
}

// measure runs every system over the test splits of a trial, the baselines with the parameters
// that validation chose.
func (r *run) measure(ctx context.Context, trial int) error {
	baselines, err := r.choose(ctx, trial)
	if err != nil {
		return err
	}
	asked := forms
	if r.Ablate {
		asked = slices.Concat(forms, ablations())
	}
	var engines []*served
	if r.wants(EngineName) {
		engines = append(engines, r.newServed(trial, r.Protocol, asked))
	}
	if r.wants(equalName) {
		engines = append(engines, r.newServed(trial, "", []form{{name: equalName}}))
	}
	var entrants []entrant
	for _, engine := range engines {
		defer engine.close()
		names := make([]string, len(engine.forms))
		for i, f := range engine.forms {
			names[i] = f.name
		}
		entrants = append(entrants, entrant{engine, r.rows(names...)})
	}
	entrants = append(entrants, baselines...)
	for i := range r.trials[trial].test {
		if err := r.split(ctx, &r.trials[trial].test[i], entrants); err != nil {
			return err
		}
	}
	for i, engine := range engines {
		if engine.recipe != nil {
			entrants[i].rows[0].chose(describe(engine.recipe))
		}
	}
	return nil
}

// choose returns the baselines, each with the variant that is best on validation, without those
// that the data is too large for.
func (r *run) choose(ctx context.Context, trial int) ([]entrant, error) {
	validation := r.trials[trial].validation
	trainings := make([]*training, len(validation))
	for i := range validation {
		var err error
		if trainings[i], err = r.training(&validation[i]); err != nil {
			return nil, err
		}
	}
	all := baselines()
	chosen := make([]entrant, len(all))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for n, b := range all {
		g.Go(func() error {
			defer r.step()
			if !r.wants(b.name) {
				return nil
			}
			rows := r.rows(b.name)
			best, err := r.recall(ctx, trial, b, validation, trainings)
			if errors.Is(err, collab.ErrTooLarge) {
				rows[0].Missing = err.Error()
				return nil
			}
			chosen[n] = entrant{newFitted(best, r.world, r.K), rows}
			rows[0].chose(best.label)
			return err
		})
	}
	err := g.Wait()
	return slices.DeleteFunc(chosen, func(e entrant) bool { return e.system == nil }), err
}

// recall returns the variant of b that is best on validation, as remembered or as found now.
func (r *run) recall(ctx context.Context, trial int, b baseline, splits []protocol.Split, trainings []*training) (variant, error) {
	key, label := fmt.Sprintf("variant %s/%d", b.name, trial), ""
	if r.memory.Get(key, &label) {
		if at := slices.IndexFunc(b.variants, func(v variant) bool { return v.label == label }); at >= 0 {
			return b.variants[at], nil
		}
	}
	best, err := r.best(ctx, b, splits, trainings)
	if err != nil {
		return variant{}, err
	}
	return best, r.memory.Put(key, best.label)
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
func (r *run) split(ctx context.Context, s *protocol.Split, entrants []entrant) error {
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
	for _, e := range entrants {
		if e.rows[0].Missing != "" {
			continue
		}
		g.Go(func() error {
			err := r.answer(ctx, e, t, lists, first)
			if errors.Is(err, collab.ErrTooLarge) { // validation was small enough
				e.rows[0].Missing = err.Error()
				return nil
			}
			return err
		})
	}
	return g.Wait()
}

// answer measures one system on the lists of a split, the first of which has the place first.
// Answers that are remembered are not asked for again.
func (r *run) answer(ctx context.Context, e entrant, t *training, lists []protocol.List, first int) error {
	known := r.remembered(e, first, len(lists))
	if slices.ContainsFunc(known, func(answers []ranked) bool { return answers == nil }) {
		if err := e.learn(ctx, t, &lists[0]); err != nil {
			return fmt.Errorf("fit %s: %w", e.rows[0].Name, err)
		}
	}
	for i := range lists {
		if err := ctx.Err(); err != nil {
			return err
		}
		answers, err := r.one(ctx, e, &lists[i], first+i, known[i])
		if err != nil {
			return fmt.Errorf("%s: %w", e.rows[0].Name, err)
		}
		for n, row := range e.rows {
			row.record(first+i, judge(answers[n], &lists[i], t, r.K), answers[n])
			r.step()
		}
	}
	return nil
}

// one returns a system's answers to a list, by row.
func (r *run) one(ctx context.Context, e entrant, l *protocol.List, list int, known []ranked) ([]ranked, error) {
	if known != nil {
		return known, e.pass(l)
	}
	answers, err := e.rank(ctx, l)
	if err != nil {
		return nil, err
	}
	return answers, r.remember(e, list, answers)
}
