package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"
)

// forgetUser deletes everything about a user, now and in later syncs, or lets the user back in.
func forgetUser(ctx context.Context, p *program, command *cli.Command) (err error) {
	db, err := p.openStore(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	username := command.String("user")
	if command.Bool("undo") {
		if err := db.Unforget(ctx, username); err != nil {
			return fmt.Errorf("forget %q --undo: %w", username, err)
		}
		_, err = fmt.Fprintf(p.std.out, "%s may come back\n", username)
		return err
	}
	deleted, err := db.Forget(ctx, username)
	if err != nil {
		return fmt.Errorf("forget %q: %w", username, err)
	}
	_, err = fmt.Fprintf(p.std.out, "forgot %s: %d interactions deleted\n", username, deleted)
	return err
}
