package replica_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/profile"
	"resonance/internal/replica"
	"resonance/internal/signal"
	"resonance/internal/vector"
)

const testModel = "test"

func testClock() time.Time { return time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC) }

func newReplica(t *testing.T, f *fakeStore) *replica.Replica {
	t.Helper()
	r, err := replica.New(f, f, testModel, testClock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// picture is everything that a View shows, without ordinals.
type picture struct {
	Sequence, Now    int64
	Posts            map[int64]pictured
	Scopes           map[string][]int64
	Histories        map[string]interaction.History
	Pulled           map[int64]interaction.Totals
	Events           int
	Scale            interaction.RatingScale
	MeanPull         float64
	Vectors          int
	Nearest          [][]int64
	Embeddings       map[int64][]float32
	Whole            []*catalog.Post
	Topics, Category []string
	Crowd            crowded
}

// crowded is what everyone did, as far as signals and the engine look at it.
type crowded struct {
	Sum       uint64
	Touches   int
	Rows      map[int64][][2]int64 // by user: posts and times
	Audiences map[int64][]int64    // by post
	Says      map[string]float64   // by user, signal and post
}

type pictured struct {
	catalog.Features
	Version, Embedding int64
	Engagement         float64
}

// The names, ids and codes that random writes use and a picture looks at.
const knownPosts = 12

func knownUsernames() []string { return []string{"", "ann", "bob", "eve", "nobody"} }

func knownProjects() []string { return []string{"", "a", "b", "unknown"} }

func take(t *testing.T, r *replica.Replica) (p picture) {
	t.Helper()
	ctx := context.Background()
	err := r.Read(ctx, func(v replica.View) (err error) {
		p = picture{
			Sequence: v.Sequence, Now: v.Now, Events: v.Log.Events(), Scale: v.Log.RatingScale(),
			MeanPull: v.Log.MeanPull(), Vectors: v.Vectors.Len(), Posts: map[int64]pictured{}, Scopes: map[string][]int64{},
			Histories: map[string]interaction.History{}, Pulled: map[int64]interaction.Totals{}, Embeddings: map[int64][]float32{},
		}
		for _, username := range knownUsernames() {
			p.Histories[username] = slices.Clone(v.Log.History(username))
		}
		for _, project := range knownProjects() {
			p.Scopes[project] = ids(v, v.Catalog.Scope(project).Ordinals())
		}
		for _, query := range [][]float32{{1, 1, 1}, {-1, 1, -1}} {
			p.Nearest = append(p.Nearest, ids(v, v.Vectors.Nearest(v.Catalog.Scope(""), func(catalog.Ordinal) bool { return true }, vector.Query{Vector: query, Codes: 3, Limit: 3})[0]))
		}
		if p.Whole, err = v.Posts(ctx, p.Scopes[""]); err != nil {
			return err
		}
		if p.Crowd, err = takeCrowd(v); err != nil {
			return err
		}
		return p.takePosts(ctx, v)
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *picture) takePosts(ctx context.Context, v replica.View) error {
	for id := range int64(knownPosts) {
		p.Pulled[id] = v.Log.Totals(id)
		o, ok := v.Catalog.Lookup(id)
		if !ok || v.Catalog.Entry(o).Gone {
			continue // a post that has gone is one that never was
		}
		e := *v.Catalog.Entry(o)
		features := catalog.Features{
			ID: e.ID, CreatedAt: e.CreatedAt, Public: e.Public, Locked: e.Locked,
			Author: v.Catalog.Authors.Text(e.Author), Category: v.Catalog.Categories.Text(e.Category),
			Topic: v.Catalog.Topics.Text(e.Topic), Project: v.Catalog.Projects.Text(e.Project),
		}
		p.Posts[id] = pictured{features, e.Version, v.Vectors.Version(o), e.Engagement}
		vectors, err := v.Embeddings(ctx, []catalog.Ordinal{o})
		if err != nil {
			return err
		}
		p.Embeddings[id] = vectors[0]
	}
	return nil
}

// takeCrowd asks every signal about every post for every user, to the last bit.
func takeCrowd(v replica.View) (crowded, error) {
	c := crowded{
		Sum: v.Crowd.Sum(), Touches: v.Crowd.Touches(), Rows: map[int64][][2]int64{}, Audiences: map[int64][]int64{}, Says: map[string]float64{},
	}
	for user, row := range v.Crowd.Rows() {
		for _, t := range row {
			c.Rows[user] = append(c.Rows[user], [2]int64{v.Catalog.Entry(catalog.Ordinal(t.Item)).ID, t.At})
		}
	}
	q := signal.Question{World: signal.World{Catalog: v.Catalog, Crowd: v.Crowd, Fitted: v.Model.Fitted, Embeddings: v.Vectors}, Now: v.Now}
	for id := range int64(knownPosts) {
		if o, ok := v.Catalog.Lookup(id); ok && !v.Catalog.Entry(o).Gone {
			q.Candidates = append(q.Candidates, o)
			c.Audiences[id] = v.Crowd.Visitors(o)
			slices.Sort(c.Audiences[id])
		}
	}
	values := make([]float64, len(q.Candidates))
	for _, username := range knownUsernames() {
		q.User, _ = v.Log.UserID(username)
		q.History = signal.Touches(v.Catalog, profile.Of(v.Log.History(username), v.Log.RatingScale()))
		q.Prepare()
		for _, s := range signal.All() {
			q.Ask(s, values)
			for i, o := range q.Candidates {
				c.Says[fmt.Sprint(username, ", ", s.Name, ", post ", v.Catalog.Entry(o).ID)] = values[i]
			}
		}
	}
	return c, nil
}

func ids(v replica.View, ordinals []catalog.Ordinal) []int64 {
	ids := []int64{}
	for _, o := range ordinals {
		ids = append(ids, v.Catalog.Entry(o).ID)
	}
	slices.Sort(ids)
	return ids
}

// comparePictures returns what differs between two pictures.
func comparePictures(want, got picture) string {
	return cmp.Diff(want, got, cmp.AllowUnexported(interaction.Totals{}), cmpopts.EquateEmpty())
}
