package evaluate

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/recommend"
	"resonance/internal/replica"
)

// interrupted runs the options again and again, each time ended after some more steps, until one run
// comes to its end.
func interrupted(t *testing.T, o Options) (result *Result, runs int) {
	t.Helper()
	for step := 5; ; step *= 4 {
		ctx, cancel := context.WithCancel(t.Context())
		o.Progress = func(done, _ int) {
			if done == step {
				cancel()
			}
		}
		result, err := Run(ctx, o)
		cancel()
		runs++
		if err == nil {
			return result, runs
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		tear(t, o.Cache)
	}
}

// tear cuts half a line off the end of the only journal in dir, as kill -9 may.
func tear(t *testing.T, dir string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("the cache holds %v, error %v; want one journal", paths, err)
	}
	content, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(paths[0], int64(max(0, len(content)-20))); err != nil {
		t.Fatal(err)
	}
}

// A run that was interrupted, however often, ends with the figures of one that was not; and a run of
// which all is known asks nobody. There is a protocol that rolls, one that does not, and one of several
// trials.
func TestGoesOn(t *testing.T) {
	d, vectors := chance()
	for _, name := range []string{Live, LeaveLast, Random} {
		t.Run(name, func(t *testing.T) {
			o := Options{Protocol: name, K: 3, Data: d, Vectors: vectors, Serve: Real}
			want, err := Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			o.Cache = t.TempDir()
			got, runs := interrupted(t, o)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("after %d runs (-in one go +interrupted):\n%s", runs, diff)
			}
			if runs < 3 {
				t.Errorf("%d runs, want a few interruptions", runs)
			}
			o.Progress, o.Serve = nil, silent
			again, err := Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, again); diff != "" {
				t.Errorf("from memory (-in one go +again):\n%s", diff)
			}
			o.K = 4
			if _, err := Run(t.Context(), o); !errors.Is(err, errSilent) {
				t.Errorf("error %v; want another length to be another measurement", err)
			}
		})
	}
}

var errSilent = errors.New("nobody should ask")

// silent makes an engine that does not answer.
func silent(*replica.Replica, string) Engine {
	return fake(func(context.Context, recommend.Request) (recommend.Feed, error) { return recommend.Feed{}, errSilent })
}

// Whatever a measurement depends on makes it another one.
func TestIdentity(t *testing.T) {
	base := func() Options {
		d, vectors := chance()
		return Options{Protocol: Live, K: 10, Data: d, Vectors: vectors}
	}
	changes := map[string]func(*Options){
		"nothing":      func(*Options) {},
		"the protocol": func(o *Options) { o.Protocol = LeaveLast },
		"the length":   func(o *Options) { o.K = 9 },
		"an event":     func(o *Options) { o.Data.Events[5].At++ },
		"no event":     func(o *Options) { o.Data.Events = o.Data.Events[:799] },
		"a post":       func(o *Options) { o.Data.Posts[7].Title = "other" },
		"an embedding": func(o *Options) { o.Vectors[3] = []float32{0, .5} },
		"no embedding": func(o *Options) { o.Vectors[3] = nil },
	}
	known := map[string]string{}
	for what, change := range changes {
		o := base()
		change(&o)
		identity, err := identify(&o)
		if err != nil {
			t.Fatal(err)
		}
		if other, twice := known[identity]; twice {
			t.Errorf("%s and %s give one identity", what, other)
		}
		if strings.Trim(identity, "0123456789abcdef") != "" {
			t.Errorf("%q is no file name", identity)
		}
		known[identity] = what
	}
	o := base()
	if identity, _ := identify(&o); known[identity] != "nothing" {
		t.Error("the same measurement has two identities")
	}
}
