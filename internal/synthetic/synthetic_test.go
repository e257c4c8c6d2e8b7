package synthetic

import (
	"context"
	"errors"
	"hash/fnv"
	"math"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/store"
	"resonance/internal/store/sqlite"
)

func catalogue(t *testing.T, posts int) *Catalogue {
	t.Helper()
	c, err := New(posts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNumberOfPosts(t *testing.T) {
	for _, n := range []int{-1, 0, MaxPosts + 1} {
		if _, err := New(n); !errors.Is(err, errs.Invalid) {
			t.Errorf("%d posts: error %v", n, err)
		}
	}
}

// What a number of posts gives never changes without Version: one hash of rows and vectors.
func TestSameRowsForEver(t *testing.T) {
	c := catalogue(t, 1000)
	sum := fnv.New64a()
	for id := int64(1); id <= 1000; id += 7 {
		post := c.Post(id)
		document, err := post.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		_, _ = sum.Write(document)
		for _, x := range c.Vector(id) {
			bits := math.Float32bits(x)
			_, _ = sum.Write([]byte{byte(bits >> 8), byte(bits >> 16), byte(bits >> 24)}) // the last bits are the processor's
		}
		for _, e := range c.Events(int(id) - 1) {
			line, err := e.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			_, _ = sum.Write(line)
		}
	}
	if got := sum.Sum64(); got != 0xeaf1baa37368167a {
		t.Errorf("the rows of version %d have the hash %#x", Version, got)
	}
}

// Every post has a rank of its own, one in a hundred is of the rare project, vectors have norm 1, and
// the most popular post is watched by far more than an average one.
func TestShape(t *testing.T) {
	c := catalogue(t, 10_000)
	ranks, projects, audience := map[int32]bool{}, map[string]int{}, map[int64]int{}
	for id := int64(1); id <= 10_000; id++ {
		p := c.Post(id)
		ranks[c.ranks[id-1]] = true
		projects[p.Project()]++
		if !p.Public || p.CreatedAt.After(Now) {
			t.Fatalf("post %+v", p)
		}
		var squares float64
		for _, x := range c.Vector(id) {
			squares += float64(x) * float64(x)
		}
		if math.Abs(squares-1) > 1e-5 {
			t.Fatalf("the vector of post %d has the norm %g", id, math.Sqrt(squares))
		}
	}
	events := 0
	for user := range c.Users() {
		for _, e := range c.Events(user) {
			if err := e.Check(); err != nil || e.PostID > 10_000 {
				t.Fatalf("event %+v: %v", e, err)
			}
			audience[e.PostID]++
			events++
		}
	}
	if len(ranks) != 10_000 || projects[Rare] != 100 || projects[Day] < 4000 || projects[Night] < 4000 {
		t.Errorf("%d ranks, projects %v", len(ranks), projects)
	}
	if c.Users() != 10_000 || events < 9*c.Users() || events > 11*c.Users() || audience[c.id(0)] < 100*events/10_000 || len(audience) < 3000 {
		t.Errorf("%d users did %d things with %d posts, %d with the first", c.Users(), events, len(audience), audience[c.id(0)])
	}
}

// A store holds everything that was written, and no text waits to be embedded.
func TestWrite(t *testing.T) {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c := catalogue(t, 400)
	told := 0
	if err := c.Write(ctx, db, "m", func(posts int) { told = posts }); err != nil {
		t.Fatal(err)
	}
	counts, err := db.Counts(ctx)
	if err != nil || counts.Posts != 400 || counts.Users != 400 || counts.Interactions < 3000 || told != 400 {
		t.Errorf("%+v, told of %d posts, error %v", counts, told, err)
	}
	done, queued, err := db.EmbeddingCounts(ctx, "m")
	if done != 400 || queued != 0 || err != nil {
		t.Errorf("%d embedded, %d waiting, error %v", done, queued, err)
	}
	posts, err := db.Posts(ctx, []int64{17})
	if diff := cmp.Diff([]catalog.Post{c.Post(17)}, posts); diff != "" || err != nil {
		t.Errorf("error %v, post (-want +got):\n%s", err, diff)
	}
	vectors, err := db.Embeddings(ctx, "m", []int64{17})
	if diff := cmp.Diff(map[int64][]float32{17: c.Vector(17)}, vectors); diff != "" || err != nil {
		t.Errorf("error %v, vectors (-want +got):\n%s", err, diff)
	}
}

// A store that fails ends the writing.
func TestStoreFails(t *testing.T) {
	if err := catalogue(t, 50).Write(context.Background(), broken{}, "m", nil); !errors.Is(err, errs.Unavailable) {
		t.Errorf("error %v", err)
	}
}

type broken struct{}

func (broken) PutUsers(context.Context, []catalog.User) (int, error) { return 0, nil }
func (broken) PutPosts(context.Context, []catalog.Post) (int, error) { return 0, errs.Unavailable }
func (broken) SetSetting(context.Context, string, string) error      { return nil }
func (broken) PutInteractions(context.Context, []interaction.Interaction) (int, error) {
	return 0, nil
}
func (broken) PutEmbeddings(context.Context, string, []store.Embedding) (int, error) { return 0, nil }
