// Package feedlog keeps a record of the feeds that were served and of how likely each post was to stand
// where it stood, so that other ways to serve can be judged by what users did next.
package feedlog

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"resonance/internal/errs"
	"resonance/internal/recommend"
)

// Entry is one feed, and a line of the log as JSON. Nothing in it names a person: a user is the number
// that the store gave.
type Entry struct {
	At       time.Time `json:"at"`
	User     int64     `json:"user"` // 0: somebody whom the store did not know yet
	Project  string    `json:"project,omitempty"`
	K        int       `json:"k"`        // how many posts were asked for
	Program  string    `json:"program"`  // version of the program, whose rules exploration follows
	Model    int64     `json:"model"`    // version of the model
	Sequence int64     `json:"sequence"` // state of the store
	Posts    []Place   `json:"posts"`    // from the first place on
}

// Place is a place of a feed with the post that stood there.
type Place struct {
	Option
	Score   float64  `json:"score"`
	Instead []Option `json:"instead,omitempty"` // other posts that might have stood there
}

// Option is a post that may stand at a place.
type Option struct {
	Post       int64   `json:"post"`
	Propensity float64 `json:"propensity"`         // how likely it stands there, 0..1; 1 where no draw decides
	Explored   bool    `json:"explored,omitempty"` // it stands there because a newcomer got this place or one before
}

// Feeder makes feeds.
type Feeder interface {
	Feed(ctx context.Context, request recommend.Request) (recommend.Feed, error)
}

// Log is a Feeder that records the feeds of another. Safe for concurrent use.
type Log struct {
	Feeds   Feeder
	File    io.Writer // opened for appending; each line is written in one call, so that processes may share it
	Program string
	Clock   func() time.Time
	Errors  zerolog.Logger

	mu sync.Mutex
}

// Feed returns the same feed as the other Feeder. One that can't be recorded is served all the same.
func (l *Log) Feed(ctx context.Context, request recommend.Request) (recommend.Feed, error) {
	request.Odds = true
	feed, err := l.Feeds.Feed(ctx, request)
	if err != nil {
		return feed, err
	}
	if err := l.write(request, feed); err != nil {
		l.Errors.Error().Err(err).Msg("a feed is missing from the log of feeds")
	}
	return feed, nil
}

func (l *Log) write(request recommend.Request, feed recommend.Feed) error {
	line, err := json.Marshal(Entry{
		At: l.Clock().UTC(), User: feed.Origin.User, Project: request.Project, K: request.TopK, Program: l.Program,
		Model: feed.Origin.Model, Sequence: feed.Origin.Sequence, Posts: places(feed),
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err = l.File.Write(append(line, '\n'))
	return err
}

func places(feed recommend.Feed) []Place {
	places := make([]Place, len(feed.Items))
	for i, item := range feed.Items {
		places[i] = Place{Option: Option{Post: item.Post.ID, Propensity: 1}, Score: item.Score}
		for _, o := range item.Options {
			option := Option{Post: o.PostID, Propensity: o.Propensity, Explored: o.Explored}
			if option.Post == item.Post.ID {
				places[i].Option = option
			} else {
				places[i].Instead = append(places[i].Instead, option)
			}
		}
	}
	return places
}

// Read calls visit with every entry of a log, in its order. A last line without an end, which a dying
// process left, is left out. The error wraps errs.Invalid and names line and field.
func Read(r io.Reader, visit func(Entry) error) error {
	lines := bufio.NewReaderSize(r, 1<<16)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the log of feeds: %w", err)
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		entry, err := parse(line)
		if err == nil {
			err = visit(entry)
		}
		if err != nil {
			return fmt.Errorf("log of feeds, line %d: %w", n, err)
		}
	}
}

func parse(line []byte) (e Entry, err error) {
	if err := json.Unmarshal(line, &e); err != nil {
		return e, fmt.Errorf("%w: %w", errs.Invalid, err)
	}
	return e, e.check()
}

func (e *Entry) check() error {
	switch {
	case e.At.IsZero():
		return fmt.Errorf("%w: at: is missing", errs.Invalid)
	case e.User < 0:
		return fmt.Errorf("%w: user: %d is negative", errs.Invalid, e.User)
	case e.K < 1 || e.K < len(e.Posts):
		return fmt.Errorf("%w: k: is %d, for %d posts", errs.Invalid, e.K, len(e.Posts))
	}
	for i, place := range e.Posts {
		for _, o := range append([]Option{place.Option}, place.Instead...) {
			if o.Post <= 0 {
				return fmt.Errorf("%w: posts[%d]: post: %d is not an id", errs.Invalid, i, o.Post)
			}
			if !(o.Propensity >= 0 && o.Propensity <= 1) {
				return fmt.Errorf("%w: posts[%d]: propensity: %g is not in 0..1", errs.Invalid, i, o.Propensity)
			}
		}
	}
	return nil
}
