package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"
)

// forgetUser deletes everything about a user, now and in later syncs.
func forgetUser(ctx context.Context, p *program, command *cli.Command) (err error) {
	db, err := p.openStore(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	username := command.String("user")
	deleted, err := db.Forget(ctx, username)
	if err != nil {
		return fmt.Errorf("forget %q: %w", username, err)
	}
	_, err = fmt.Fprintf(p.std.out, "forgot %s: %d interactions deleted\n", username, deleted)
	return err
}
