// Package movielens turns MovieLens data, movies.csv and ratings.csv, into a folder that can be
// imported and measured.
package movielens

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
)

// As says what a rating becomes.
type As string

// What ratings become.
const (
	Ratings As = "ratings" // a rating of 20 times its stars, 10..100
	Views   As = "views"   // a plain view, whatever the stars
)

// Check reports whether a is one of these; the error wraps errs.Invalid and lists them.
func (a As) Check() error {
	if a != Ratings && a != Views {
		return fmt.Errorf("%w: as: %q is neither %s nor %s", errs.Invalid, string(a), Ratings, Views)
	}
	return nil
}

// Counts says how many rows were written.
type Counts struct{ Posts, Users, Interactions int }

// Convert reads movies.csv and ratings.csv in source and writes posts.jsonl, users.jsonl and
// interactions.jsonl into the folder to, creating it.
//
//	post         id, title and genres of the movie, the genres as keywords, the first of them as
//	             the category too; created on the first day of the year in the title, without
//	             one on that of 1970; no author
//	user         the number, and the name "u" with the number
//	interaction  one a rating, in the order of ratings.csv, without a key
//
// The error wraps errs.NotFound where a file is missing, errs.Invalid where a row is wrong, and
// names file and line.
func Convert(ctx context.Context, source, to string, as As) (counts Counts, err error) {
	if err := as.Check(); err != nil {
		return counts, err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return counts, fmt.Errorf("make %s: %w", to, err)
	}
	counts.Posts, err = convert(ctx, filepath.Join(source, "movies.csv"), filepath.Join(to, "posts.jsonl"), movie)
	if err != nil {
		return counts, err
	}
	users := map[int64]bool{}
	rate := func(row []string) (any, error) { return rating(row, as, users) }
	counts.Interactions, err = convert(ctx, filepath.Join(source, "ratings.csv"), filepath.Join(to, "interactions.jsonl"), rate)
	if err != nil {
		return counts, err
	}
	counts.Users = len(users)
	return counts, writeUsers(filepath.Join(to, "users.jsonl"), users)
}

// convert writes what row makes of every line of the CSV file at from, but the first.
func convert(ctx context.Context, from, to string, row func([]string) (any, error)) (n int, err error) {
	in, err := os.Open(from)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errs.NotFound, err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	rows := csv.NewReader(bufio.NewReader(in))
	rows.ReuseRecord = true
	err = writeLines(to, func(write func(any) error) error {
		for first := true; ; first = false {
			cells, err := rows.Read()
			if errors.Is(err, io.EOF) {
				return ctx.Err()
			}
			if err != nil {
				return fmt.Errorf("%w: %s: %w", errs.Invalid, from, err)
			}
			if first {
				continue
			}
			object, err := row(cells)
			if err != nil {
				line, _ := rows.FieldPos(0)
				return fmt.Errorf("%s:%d: %w", from, line, err)
			}
			if err := write(object); err != nil {
				return err
			}
			if n++; n%4096 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
		}
	})
	return n, err
}

// writeLines writes the objects of each into the file at path, one a line.
func writeLines(path string, each func(write func(any) error) error) (err error) {
	out, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	buffer := bufio.NewWriter(out)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	if err := each(encoder.Encode); err != nil {
		return err
	}
	if err := buffer.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

var year = regexp.MustCompile(`\((\d{4})\)\s*$`)

// movie makes a post of a row of movieId, title and genres.
func movie(cells []string) (any, error) {
	if len(cells) < 3 {
		return nil, fmt.Errorf("%w: %d columns, want movieId,title,genres", errs.Invalid, len(cells))
	}
	id, err := number(cells[0], "movieId")
	if err != nil {
		return nil, err
	}
	p := catalog.Post{ID: id, Title: strings.TrimSpace(cells[1]), CreatedAt: time.Unix(0, 0).UTC(), Public: true}
	if match := year.FindStringSubmatch(p.Title); match != nil {
		n, _ := strconv.Atoi(match[1]) // four digits
		p.CreatedAt = time.Date(n, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	if cells[2] != "(no genres listed)" && cells[2] != "" {
		p.Keywords = strings.Split(cells[2], "|")
		p.Genre = strings.Join(p.Keywords, "/")
		p.Category = &catalog.Category{Name: p.Keywords[0]}
	}
	return p, nil
}

// rating makes an interaction of a row of userId, movieId, rating and timestamp, and notes the user.
func rating(cells []string, as As, users map[int64]bool) (any, error) {
	if len(cells) < 4 {
		return nil, fmt.Errorf("%w: %d columns, want userId,movieId,rating,timestamp", errs.Invalid, len(cells))
	}
	user, err := number(cells[0], "userId")
	if err != nil {
		return nil, err
	}
	post, err := number(cells[1], "movieId")
	if err != nil {
		return nil, err
	}
	stars, err := strconv.ParseFloat(cells[2], 64)
	if err != nil || !(stars >= .5 && stars <= 5) {
		return nil, fmt.Errorf("%w: rating: %q is not in 0.5..5", errs.Invalid, cells[2])
	}
	at, err := strconv.ParseInt(cells[3], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%w: timestamp: %q is no number of seconds", errs.Invalid, cells[3])
	}
	users[user] = true
	i := interaction.Interaction{
		Username: username(user), PostID: post, Kind: interaction.View, Value: interaction.NoValue, At: time.Unix(at, 0).UTC(),
	}
	if as == Ratings {
		i.Kind, i.Value = interaction.Rating, int(math.Round(20*stars))
	}
	return i, nil
}

func username(id int64) string { return "u" + strconv.FormatInt(id, 10) }

func number(cell, column string) (int64, error) {
	n, err := strconv.ParseInt(cell, 10, 64)
	if err != nil || n < 1 || n > catalog.MaxID {
		return 0, fmt.Errorf("%w: %s: %q is not in 1..%d", errs.Invalid, column, cell, catalog.MaxID)
	}
	return n, nil
}

func writeUsers(path string, users map[int64]bool) error {
	ids := make([]int64, 0, len(users))
	for id := range users {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	type user struct {
		ID       int64  `json:"id"`
		Username string `json:"username"`
	}
	return writeLines(path, func(write func(any) error) error {
		for _, id := range ids {
			if err := write(user{id, username(id)}); err != nil {
				return err
			}
		}
		return nil
	})
}
