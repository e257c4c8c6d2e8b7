package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"resonance/internal/store/sqlite"
)

func migrateUp(ctx context.Context, p *program, _ *cli.Command) error {
	applied, err := sqlite.MigrateUp(ctx, p.settings.DatabaseURL.Path())
	if err != nil {
		return err
	}
	if len(applied) == 0 {
		fmt.Fprintln(p.std.out, "the schema is up to date")
	}
	for _, migration := range applied {
		fmt.Fprintf(p.std.out, "applied %d %s\n", migration.Version, migration.Name)
	}
	return nil
}

func migrateDown(ctx context.Context, p *program, _ *cli.Command) error {
	taken, err := sqlite.MigrateDown(ctx, p.settings.DatabaseURL.Path())
	if err != nil {
		return err
	}
	fmt.Fprintf(p.std.out, "took back %d %s\n", taken.Version, taken.Name)
	return nil
}

func migrateStatus(ctx context.Context, p *program, _ *cli.Command) error {
	all, err := sqlite.MigrateStatus(ctx, p.settings.DatabaseURL.Path())
	if err != nil {
		return err
	}
	for _, migration := range all {
		state := "pending"
		if !migration.AppliedAt.IsZero() {
			state = "applied " + migration.AppliedAt.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(p.std.out, "%d %s: %s\n", migration.Version, migration.Name, state)
	}
	return nil
}
