package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"resonance/internal/errs"
	"resonance/internal/transfer"
)

// importFolder reads a folder of JSON lines into the store. Rows that are right replace a demo
// catalogue; of a folder that holds a wrong one, nothing is written and nothing replaced.
func importFolder(ctx context.Context, p *program, command *cli.Command) (err error) {
	dir, err := folderArgument(command)
	if err != nil {
		return err
	}
	bar := p.newBar("importing")
	defer bar.finish()
	progress := func(stage string, done, _ int64) { bar.show(stage, int(done)) }
	rows, err := transfer.Check(ctx, dir, progress)
	if err != nil {
		return err
	}
	db, err := p.openStore(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := claimForReal(ctx, db); err != nil {
		return err
	}
	counts, err := rows.Write(ctx, db, progress)
	if err != nil {
		return err
	}
	bar.finish()
	_, err = fmt.Fprintf(p.std.out, "imported %d posts, %d users and %d interactions; %d rows changed, %d of forgotten users skipped\n",
		counts.Posts, counts.Users, counts.Interactions, counts.Changed, counts.Skipped)
	return err
}

// exportFolder writes the store into a folder as JSON lines.
func exportFolder(ctx context.Context, p *program, command *cli.Command) (err error) {
	dir, err := folderArgument(command)
	if err != nil {
		return err
	}
	db, err := p.openStore(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	counts, err := transfer.Export(ctx, dir, db)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.std.out, "exported %d posts, %d users and %d interactions to %s\n", counts.Posts, counts.Users, counts.Interactions, dir)
	return err
}

// folderArgument returns the folder that the command names.
func folderArgument(command *cli.Command) (string, error) {
	dir := command.StringArg("dir")
	if dir == "" || command.Args().Present() {
		return "", fmt.Errorf("%w: resonance %s takes one folder", errs.Invalid, command.Name)
	}
	return dir, nil
}
