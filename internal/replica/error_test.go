package replica_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/replica"
	"resonance/internal/signal"
)

// A store that fails is an error of the read; the copy stays whole and the next read recovers.
func TestReadRecoversFromErrors(t *testing.T) {
	for _, loaded := range []bool{false, true} {
		for _, call := range []string{"Sequence", "Changes", "visit"} {
			t.Run(fmt.Sprintf("%s, loaded %t", call, loaded), func(t *testing.T) {
				f := newFakeStore()
				r := newReplica(t, f)
				f.putUser(1, "ann")
				f.putPost(post(1))
				f.putEvent(like(1))
				if loaded {
					take(t, r)
				}
				row := f.putEvent(like(2))
				f.putPost(post(2))
				f.putEmbedding(2, []float32{1, 2, 3})
				f.removeEvent(row)
				f.hideUser(1)
				f.putUser(1, "bob")
				for n := range 4 {
					f.fail = failAfter(call, n)
					called := false
					err := r.Read(context.Background(), func(replica.View) error { called = true; return nil })
					if !errors.Is(err, errs.Unavailable) || called {
						t.Fatalf("failing after %d: error %v, read called: %t", n, err, called)
					}
					if call != "visit" {
						break
					}
				}
				f.fail = nil
				if diff := comparePictures(take(t, newReplica(t, f)), take(t, r)); diff != "" {
					t.Errorf("after the store recovered (-full +recovered):\n%s", diff)
				}
			})
		}
	}
}

// failAfter lets n calls through, and no more.
func failAfter(call string, n int) func(string) error {
	return func(c string) error {
		if c != call {
			return nil
		}
		if n--; n < 0 {
			return errs.Unavailable
		}
		return nil
	}
}

func TestErrorsInsideARead(t *testing.T) {
	own := errors.New("the reader's own")
	tests := map[string]struct {
		failing string
		read    func(replica.View) error
		want    error
	}{
		"reader": {"", func(replica.View) error { return own }, own},
		"posts": {"Posts", func(v replica.View) error {
			_, err := v.Posts(context.Background(), []int64{1})
			return err
		}, errs.Unavailable},
		"embeddings": {"GetMany", func(v replica.View) error {
			_, err := v.Embeddings(context.Background(), v.Catalog.Scope("").Ordinals())
			return err
		}, errs.Unavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFakeStore()
			f.putPost(post(1))
			f.putEmbedding(1, []float32{1, 2, 3})
			if test.failing == "GetMany" { // more than are held whole
				for id := range int64(signal.RankWhole) {
					f.putPost(post(id + 2))
					f.putEmbedding(id+2, []float32{1, 2, 3})
				}
			}
			f.fail = failAfter(test.failing, 0)
			r := newReplica(t, f)
			if err := r.Read(context.Background(), test.read); !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			f.fail = nil
			if p := take(t, r); len(p.Whole) == 0 || p.Embeddings[1] == nil {
				t.Errorf("after the store recovered: %+v", p)
			}
		})
	}
}

func TestBrowsingFailsWithTheStore(t *testing.T) {
	f := newFakeStore()
	p := post(1)
	p.Category, p.Topic = &catalog.Category{Name: "c"}, &catalog.Topic{Name: "t"}
	f.putPost(p)
	f.fail = failAfter("Posts", 0)
	r := newReplica(t, f)
	if _, err := r.Categories(context.Background(), catalog.EveryProject()); !errors.Is(err, errs.Unavailable) {
		t.Errorf("Categories: error %v", err)
	}
	if _, err := r.Topics(context.Background(), catalog.EveryProject()); !errors.Is(err, errs.Unavailable) {
		t.Errorf("Topics: error %v", err)
	}
	if _, err := r.Posts(context.Background(), catalog.EveryProject(), []int64{1}); !errors.Is(err, errs.Unavailable) {
		t.Errorf("Posts: error %v", err)
	}
}
