package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"resonance/internal/embedding"
	"resonance/internal/errs"
	"resonance/internal/learn"
	"resonance/internal/replica"
	"resonance/internal/signal"
	"resonance/internal/store"
	"resonance/internal/store/sqlite"
)

// tuneCommand describes resonance tune.
func tuneCommand(action cli.ActionFunc) *cli.Command {
	return &cli.Command{
		Name: "tune", Usage: "look for better settings and weights on held-out parts of the stored history", Action: action,
		Description: "What is found serves at once, also from a service that runs, but only if it is better beyond chance. serve does the same by itself.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "protocol", Usage: "which parts are held out", Value: learn.Mixed},
			&cli.BoolFlag{Name: "revert", Usage: "go back to the recipe that served before, instead"},
		},
	}
}

// tune looks for a better recipe, or takes the newest one back.
func tune(ctx context.Context, p *program, command *cli.Command) (err error) {
	rule := command.String("protocol")
	if err := learn.CheckProtocol(rule); err != nil {
		return err
	}
	if command.Args().Present() {
		return fmt.Errorf("%w: resonance tune takes flags only", errs.Invalid)
	}
	embedder, err := p.newEmbedder()
	if err != nil {
		return err
	}
	db, err := p.openStore(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s := &service{program: p, db: db}
	if s.cache, err = embedding.NewCache(embeddingCacheBytes, s.embeddings(embedder.Model())); err != nil {
		return err
	}
	defer s.cache.Close()
	own, err := replica.New(db, s.cache, embedder.Model(), time.Now)
	if err != nil {
		return err
	}
	defer own.Close()
	return own.Read(ctx, func(view replica.View) error {
		if command.Bool("revert") {
			return revert(ctx, p.std.out, db, view)
		}
		return improve(ctx, p.std.out, db, view, rule)
	})
}

func improve(ctx context.Context, out io.Writer, db *sqlite.DB, view replica.View, rule string) error {
	past := view.Past()
	version, serving, err := servingRecipe(ctx, db, past)
	if err != nil {
		return err
	}
	found, err := learn.Tune(ctx, past, rule, serving, learn.Effort{Workers: runtime.GOMAXPROCS(0)})
	if err != nil {
		return err
	}
	if version, err = saveRecipe(ctx, db, view, version, found); err != nil {
		return err
	}
	return describe(out, version, serving, found)
}

// servingRecipe returns the version of the snapshot and its recipe, or where to begin without one.
func servingRecipe(ctx context.Context, db *sqlite.DB, past learn.Past) (int64, learn.Recipe, error) {
	snapshot, err := db.Snapshot(ctx, 0)
	if errors.Is(err, errs.NotFound) {
		return 0, learn.Begin(past), nil
	}
	if err != nil {
		return 0, learn.Recipe{}, err
	}
	recipe, err := learn.ParseRecipe(snapshot.Recipe)
	return snapshot.Version, recipe, err
}

// saveRecipe makes a recipe the one that serves, fitted to everything in the store.
func saveRecipe(ctx context.Context, db *sqlite.DB, view replica.View, version int64, r learn.Recipe) (int64, error) {
	return db.SaveSnapshot(ctx, store.Snapshot{
		Version: version, Recipe: r.String(), ServesAt: time.Now(), Sequence: view.Sequence,
		Touches: view.Crowd.Touches(), Rows: learn.Encoded(view.Catalog, view.Crowd),
	})
}

// revert makes the newest recipe that differs from the one that serves serve again.
func revert(ctx context.Context, out io.Writer, db *sqlite.DB, view replica.View) error {
	recipes, err := db.Recipes(ctx)
	if err != nil {
		return err
	}
	snapshot, err := db.Snapshot(ctx, 0)
	if err != nil {
		return fmt.Errorf("no model has served yet: %w", err)
	}
	serving, err := learn.ParseRecipe(snapshot.Recipe)
	if err != nil {
		return err
	}
	for _, r := range recipes {
		before, err := learn.ParseRecipe(r.Recipe)
		if err != nil || before.Same(serving) {
			continue
		}
		if before.Tuned == nil {
			before.Tuned = &learn.Tuning{Protocol: "reverted"}
		}
		// serve does not look again before there is more to learn from
		before.Tuned.Touches, before.Tuned.Embedded = view.Crowd.Touches(), view.Embedded()
		version, err := saveRecipe(ctx, db, view, snapshot.Version, before)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "model %d serves, with the recipe of %s\n", version, r.MadeAt.Format(time.RFC3339))
		return err
	}
	return fmt.Errorf("%w: no other recipe has served before", errs.NotFound)
}

// describe prints what was found.
func describe(out io.Writer, version int64, serving, found learn.Recipe) error {
	verdict := "nothing better than what serves was found"
	if !found.Same(serving) {
		verdict = "a better recipe was found, and serves"
	}
	t := found.Tuned
	beside := "none"
	if found.Trees != nil {
		beside = fmt.Sprint(len(found.Trees.Trees))
	}
	if _, err := fmt.Fprintf(out, "model %d: %s\n%s, %d lists: nDCG@10 %.4f before, %.4f after, gain %+.4f (95 %%: %+.4f..%+.4f)\ntrees beside the weights: %s, nDCG@100 gain %+.4f (95 %%: %+.4f..%+.4f)\n\n",
		version, verdict, t.Protocol, t.Lists, t.Before, t.After, t.Gain.Mean, t.Gain.Low, t.Gain.High, beside, t.Trees.Mean, t.Trees.Low, t.Trees.High); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "signal\tweight\tweight before")
	for _, s := range signal.All() {
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\n", s.Name, found.Weight(s.Name), serving.Weight(s.Name))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\nsettings %s\n", found.Settings)
	return err
}
