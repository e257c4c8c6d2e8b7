package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"resonance/internal/errs"
	"resonance/internal/evaluate/movielens"
)

// convertCommand describes resonance convert.
func convertCommand(movies cli.ActionFunc) *cli.Command {
	return &cli.Command{
		Name: "convert", Usage: "turn public data into a folder to import or measure",
		Commands: []*cli.Command{{
			Name: "movielens", Usage: "read movies.csv and ratings.csv from SRC, write JSON lines into DIR", ArgsUsage: "SRC DIR",
			Flags:  []cli.Flag{&cli.StringFlag{Name: "as", Usage: "what a rating becomes: ratings (20 a star) or views (plain ones)", Value: string(movielens.Ratings)}},
			Action: movies,
		}},
	}
}

// convertMovieLens turns a folder of MovieLens into one to import.
func convertMovieLens(ctx context.Context, p *program, command *cli.Command) error {
	if command.Args().Len() != 2 {
		return fmt.Errorf("%w: resonance convert movielens takes two folders: where movies.csv and ratings.csv are, and where to write", errs.Invalid)
	}
	source, to := command.Args().Get(0), command.Args().Get(1)
	counts, err := movielens.Convert(ctx, source, to, movielens.As(command.String("as")))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.std.out, "wrote %d posts, %d users and %d interactions to %s\n", counts.Posts, counts.Users, counts.Interactions, to)
	return err
}
