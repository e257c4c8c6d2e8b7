package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/rs/zerolog"
	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v3"

	"resonance/internal/errs"
	"resonance/internal/ingest"
	"resonance/internal/interaction"
	"resonance/internal/store/sqlite"
	"resonance/internal/upstream"
)

// newSyncer returns a syncer from the upstream that the settings name to db.
func (p *program) newSyncer(db *sqlite.DB, options ingest.Options) (*ingest.Syncer, error) {
	if p.settings.APIBaseURL == "" {
		return nil, fmt.Errorf("%w: API_BASE_URL: is missing; it names the upstream to copy", errs.Invalid)
	}
	client, err := upstream.New(upstream.Config{
		BaseURL: string(p.settings.APIBaseURL), Token: string(p.settings.FlicToken), Algorithm: string(p.settings.Algorithm),
		Version: version(), Log: p.log, Turn: options.Turn,
	})
	if err != nil {
		return nil, err
	}
	return ingest.NewSyncer(client, db, options), nil
}

// syncOnce copies everything from upstream once.
func syncOnce(ctx context.Context, p *program, _ *cli.Command) (err error) {
	db, err := p.openStore(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	bar := p.newBar("syncing")
	syncer, err := p.newSyncer(db, ingest.Options{Log: bar.log, OnProgress: func(progress ingest.Progress) {
		bar.show(fmt.Sprintf("syncing %s", progress.Endpoint), progress.Rows)
	}})
	if err != nil {
		return err
	}
	if err := claimForReal(ctx, db); err != nil {
		return err
	}
	report, err := syncer.Sync(ctx)
	bar.finish()
	if err != nil {
		return err
	}
	return p.printTotals(ctx, db, report)
}

// printTotals says what a pass changed and what the store holds now.
func (p *program) printTotals(ctx context.Context, db *sqlite.DB, report ingest.Report) error {
	counts, err := db.Counts(ctx)
	if err != nil {
		return fmt.Errorf("count the store's rows: %w", err)
	}
	total := report.Total()
	of := counts.ByKind
	_, err = fmt.Fprintf(p.std.out, "read %d rows, %d changed, %d unreadable, %d without a user, %d hidden\n"+
		"the store holds %d posts, %d users, %d views, %d likes, %d inspires, %d ratings\n",
		total.Rows, total.Changed, total.Unreadable, total.NoUser, total.Hidden, counts.Posts, counts.Users,
		of[interaction.View], of[interaction.Like], of[interaction.Inspire], of[interaction.Rating])
	return err
}

// bar shows progress on a terminal; elsewhere log lines tell of it.
type bar struct {
	log      zerolog.Logger
	terminal *progressbar.ProgressBar // nil: not a terminal
}

func (p *program) newBar(description string) *bar {
	if !isTerminal(p.std.err) {
		return &bar{log: p.log}
	}
	// The bar and log lines would overwrite each other; warnings still come through.
	return &bar{
		log: p.log.Level(max(p.log.GetLevel(), zerolog.WarnLevel)),
		terminal: progressbar.NewOptions(-1, progressbar.OptionSetWriter(p.std.err), progressbar.OptionSetDescription(description),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"), progressbar.OptionClearOnFinish()),
	}
}

func (b *bar) show(description string, done int) {
	if b.terminal != nil {
		b.terminal.Describe(description)
		_ = b.terminal.Set(done) // a bar that can't be drawn is no reason to stop
	}
}

func (b *bar) finish() {
	if b.terminal != nil {
		_ = b.terminal.Finish()
	}
}
