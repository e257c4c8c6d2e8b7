package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/urfave/cli/v3"

	"resonance/internal/config"
)

// run executes the command that args name, with the settings that environ and .env give.
func run(ctx context.Context, args, environ []string, std streams) error {
	// with gives a command its settings and logger.
	with := func(do func(context.Context, *program, *cli.Command) error) cli.ActionFunc {
		return func(ctx context.Context, command *cli.Command) error {
			settings, err := config.Load(environ, ".env")
			if err != nil {
				return err
			}
			return do(ctx, &program{settings: settings, log: newLogger(settings, std.err), std: std}, command)
		}
	}
	folder := []cli.Argument{&cli.StringArg{Name: "dir", UsageText: "DIR"}}
	root := &cli.Command{
		Name:            "resonance",
		Usage:           "personal short-video feeds over GraphQL and REST",
		Description:     "Settings come from the environment and from .env in the working directory; the README lists them.",
		DefaultCommand:  "serve",
		HideHelpCommand: true,
		Reader:          std.in,
		Writer:          std.out,
		ErrWriter:       std.err,
		ExitErrHandler:  func(context.Context, *cli.Command, error) {},
		OnUsageError:    func(_ context.Context, _ *cli.Command, err error, _ bool) error { return err },
		Commands: []*cli.Command{
			{Name: "serve", Usage: "answer feeds (the default)", Action: with(serve)},
			{Name: "sync", Usage: "copy everything from upstream once; serve embeds what is new", Action: with(syncOnce)},
			{Name: "migrate", Usage: "change the store's schema", Commands: []*cli.Command{
				{Name: "up", Usage: "to the newest version", Action: with(migrateUp)},
				{Name: "down", Usage: "one version back", Action: with(migrateDown)},
				{Name: "status", Usage: "list the versions", Action: with(migrateStatus)},
			}},
			{Name: "import", Usage: "read posts.jsonl, users.jsonl and interactions.jsonl from DIR", Arguments: folder, Action: with(importFolder)},
			{Name: "export", Usage: "write posts.jsonl, users.jsonl and interactions.jsonl into DIR", Arguments: folder, Action: with(exportFolder)},
			{Name: "embed", Usage: "embed texts: one JSON string a line in, one JSON array a line out", Action: with(embedLines)},
			evaluateCommand(with(evaluateEngine)),
			tuneCommand(with(tune)),
			convertCommand(with(convertMovieLens)),
			{
				Name: "forget", Usage: "delete everything about a user, and keep it deleted", Action: with(forgetUser),
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "user", Usage: "the username", Required: true},
					&cli.BoolFlag{Name: "undo", Usage: "let the user back in, with nothing of before"},
				},
			},
			{Name: "key", Usage: "make keys for callers", Commands: []*cli.Command{{
				Name: "new", Usage: "print a new key and the line that lets it in", Action: newKey(std),
				Flags: []cli.Flag{
					&cli.StringSliceFlag{Name: "scope", Usage: "read, write or admin; each includes those before it", Required: true},
					&cli.StringSliceFlag{Name: "project", Usage: "code of a project that the key is bound to; none: all projects"},
				},
			}}},
			{Name: "version", Usage: "print the version", Action: func(context.Context, *cli.Command) error {
				_, err := fmt.Fprintln(std.out, "resonance", version())
				return err
			}},
		},
	}
	return root.Run(ctx, args)
}

// version returns the version of the module this binary was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "0.1.0-dev"
}
