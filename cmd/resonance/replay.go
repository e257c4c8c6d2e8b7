package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v3"

	"resonance/internal/errs"
	"resonance/internal/evaluate/replay"
	"resonance/internal/feedlog"
)

// replayName is the protocol that judges by feeds that were served.
const replayName = "replay"

// replay joins the feeds that were logged with what users did, and says what other ways to serve would
// have been worth.
func (p *program) replay(ctx context.Context, command *cli.Command) error {
	entries, err := logged(command.String("log"))
	if err != nil {
		return err
	}
	data, _, err := p.rows(ctx, command.String("data"), "")
	if err != nil {
		return err
	}
	return report(p.std.out, replay.Run(entries, data, command.Int("k")), command.String("format"))
}

func logged(path string) (entries []feedlog.Entry, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: log: %w", errs.NotFound, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	err = feedlog.Read(file, func(e feedlog.Entry) error {
		entries = append(entries, e)
		return nil
	})
	if err == nil && len(entries) == 0 {
		err = fmt.Errorf("%w: log: %s holds no feed", errs.NotFound, path)
	}
	return entries, err
}
