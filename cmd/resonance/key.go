package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"resonance/internal/caller"
	"resonance/internal/errs"
)

// newKey returns the action that makes a key. It needs no settings: it may run anywhere. The key
// and its line are all that it prints, for programs to read; what they are for is said beside them.
func newKey(std streams) cli.ActionFunc {
	return func(_ context.Context, command *cli.Command) error {
		key, line, err := caller.NewKey(command.StringSlice("scope"), command.StringSlice("project"))
		if err != nil {
			return fmt.Errorf("%w: %w", errs.Invalid, err)
		}
		fmt.Fprintln(std.err, "The key, which is shown this once, and the line that lets it in: add that to API_KEYS, after a comma if there are others.")
		_, err = fmt.Fprintf(std.out, "%s\n%s\n", key, line)
		return err
	}
}
