package feedlog

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/recommend"
	"resonance/internal/rerank"
)

// feeder gives everybody the same feed, and notes what it was asked.
type feeder struct {
	asked recommend.Request
	err   error
}

func (f *feeder) Feed(_ context.Context, r recommend.Request) (recommend.Feed, error) {
	f.asked = r
	options := []rerank.Option{{PostID: 8, Propensity: .75}, {PostID: 9, Propensity: .25, Explored: true}}
	return recommend.Feed{
		Items: []recommend.Item{
			{Post: &catalog.Post{ID: 7}, Score: 1.5},
			{Post: &catalog.Post{ID: 9}, Score: -.5, Options: options},
		},
		Origin: recommend.Origin{User: 12, Model: 3, Sequence: 400},
	}, f.err
}

func newLog(f Feeder, to, errors *bytes.Buffer) *Log {
	clock := func() time.Time { return time.Date(2026, 1, 2, 4, 4, 5, 6e6, time.FixedZone("", 3600)) }
	return &Log{Feeds: f, File: to, Program: "1.2", Clock: clock, Errors: zerolog.New(errors)}
}

// A line says what was served and how likely it was, and names nobody.
func TestOneLineAFeed(t *testing.T) {
	var file, log bytes.Buffer
	f := &feeder{}
	feed, err := newLog(f, &file, &log).Feed(t.Context(), recommend.Request{Username: "ada", Project: "vible", TopK: 5})
	if err != nil || len(feed.Items) != 2 || !f.asked.Odds || f.asked.Username != "ada" {
		t.Errorf("feed %v, error %v, asked for %+v", feed, err, f.asked)
	}
	want := `{"at":"2026-01-02T03:04:05.006Z","user":12,"project":"vible","k":5,"program":"1.2","model":3,"sequence":400,"posts":[` +
		`{"post":7,"propensity":1,"score":1.5},{"post":9,"propensity":0.25,"explored":true,"score":-0.5,"instead":[{"post":8,"propensity":0.75}]}]}` + "\n"
	if diff := cmp.Diff(want, file.String()); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
	var read []Entry
	if err := Read(&file, func(e Entry) error { read = append(read, e); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(read) != 1 || read[0].Posts[1].Instead[0].Post != 8 || read[0].Posts[1].Propensity != .25 || !read[0].Posts[1].Explored {
		t.Errorf("read %+v", read)
	}
}

func TestWhatIsNotServedIsNotLogged(t *testing.T) {
	var file, log bytes.Buffer
	if _, err := newLog(&feeder{err: errs.Invalid}, &file, &log).Feed(t.Context(), recommend.Request{}); !errors.Is(err, errs.Invalid) {
		t.Errorf("error %v", err)
	}
	if file.Len() > 0 {
		t.Errorf("logged %s", &file)
	}
}

// full is a file on a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAFullDiskStopsNoFeed(t *testing.T) {
	var log bytes.Buffer
	l := newLog(&feeder{}, nil, &log)
	l.File = full{}
	feed, err := l.Feed(t.Context(), recommend.Request{Username: "ada", TopK: 5})
	if err != nil || len(feed.Items) != 2 || !strings.Contains(log.String(), "no space left") {
		t.Errorf("feed %v, error %v, log %s", feed, err, &log)
	}
}

func TestConcurrently(t *testing.T) {
	var file, log bytes.Buffer
	l := newLog(constant{}, &file, &log)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				if _, err := l.Feed(t.Context(), recommend.Request{Username: "ada", TopK: 5}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	n := 0
	if err := Read(&file, func(Entry) error { n++; return nil }); err != nil || n != 400 {
		t.Errorf("%d entries, error %v; want 400", n, err)
	}
}

type constant struct{}

func (constant) Feed(ctx context.Context, r recommend.Request) (recommend.Feed, error) {
	return (&feeder{}).Feed(ctx, r)
}

func TestRead(t *testing.T) {
	const line = `{"at":"2026-01-02T03:04:05Z","user":1,"k":2,"posts":[{"post":7,"propensity":1}]}`
	tests := map[string]struct {
		log  string
		n    int
		want string // of the error
	}{
		"nothing":                 {"", 0, ""},
		"two":                     {line + "\n" + line + "\n", 2, ""},
		"blank lines":             {"\n" + line + "\n\n", 1, ""},
		"a line without an end":   {line + "\n" + line[:30], 1, ""},
		"no JSON":                 {line + "\nhello\n", 1, "line 2: invalid input"},
		"no time":                 {`{"user":1,"k":2}` + "\n", 0, "line 1: invalid input: at: is missing"},
		"a wrong time":            {`{"at":"yesterday","user":1,"k":2}` + "\n", 0, "line 1: invalid input"},
		"a negative user":         {strings.Replace(line, `"user":1`, `"user":-1`, 1) + "\n", 0, "user: -1 is negative"},
		"more posts than asked":   {strings.Replace(line, `"k":2`, `"k":0`, 1) + "\n", 0, "k: is 0, for 1 posts"},
		"a propensity above 1":    {strings.Replace(line, `"propensity":1`, `"propensity":1.5`, 1) + "\n", 0, "posts[0]: propensity: 1.5 is not in 0..1"},
		"a propensity below 0":    {strings.Replace(line, `"propensity":1`, `"propensity":-1`, 1) + "\n", 0, "posts[0]: propensity: -1 is not"},
		"a post without an id":    {strings.Replace(line, `"post":7,`, "", 1) + "\n", 0, "posts[0]: post: 0 is not an id"},
		"a wrong one on the side": {strings.Replace(line, `"propensity":1`, `"propensity":1,"instead":[{"post":3,"propensity":2}]`, 1) + "\n", 0, "propensity: 2 is not"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			n := 0
			err := Read(strings.NewReader(test.log), func(Entry) error { n++; return nil })
			if n != test.n {
				t.Errorf("%d entries, want %d", n, test.n)
			}
			if test.want == "" && err != nil || test.want != "" && (!errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"at":"2026-01-02T03:04:05Z","user":1,"k":2,"posts":[{"post":7,"propensity":1,"instead":[{"post":1,"propensity":0}]}]}` + "\n"))
	f.Add([]byte("{}\n{"))
	f.Fuzz(func(t *testing.T, log []byte) {
		err := Read(bytes.NewReader(log), func(e Entry) error { return e.check() })
		if err != nil && !errors.Is(err, errs.Invalid) {
			t.Errorf("error %v is not about the input", err)
		}
	})
}
