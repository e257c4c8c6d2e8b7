package embedding

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shelf is a store in memory that counts how often and for what it is asked.
type shelf struct {
	mu     sync.Mutex
	rows   map[int64]Vector
	loads  [][]int64
	broken error
}

func (s *shelf) load(_ context.Context, ids []int64) (map[int64]Vector, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads = append(s.loads, ids)
	if s.broken != nil {
		return nil, s.broken
	}
	found := map[int64]Vector{}
	for _, id := range ids {
		if v, ok := s.rows[id]; ok {
			found[id] = v
		}
	}
	return found, nil
}

// fill gives posts 1..n the vector (id, version) in the given version.
func (s *shelf) fill(n, version int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := map[int64]Vector{}
	maps.Copy(rows, s.rows)
	for id := int64(1); id <= n; id++ {
		rows[id] = Vector{Values: []float32{float32(id), float32(version)}, Version: version}
	}
	s.rows = rows
}

func newTestCache(t testing.TB, maxBytes int64, s *shelf) *Cache {
	t.Helper()
	c, err := NewCache(maxBytes, s.load)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func getMany(t testing.TB, c *Cache, ids, versions []int64) [][]float32 {
	t.Helper()
	vectors, err := c.GetMany(t.Context(), nil, ids, versions)
	if err != nil {
		t.Fatal(err)
	}
	return vectors
}

func TestGetManyLoadsOnlyWhatIsMissing(t *testing.T) {
	s := &shelf{}
	s.fill(4, 1)
	c := newTestCache(t, 1<<20, s)
	want := [][]float32{{3, 1}, {1, 1}, {3, 1}}
	for range 2 {
		if diff := cmp.Diff(want, getMany(t, c, []int64{3, 1, 3}, []int64{1, 1, 1})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		c.entries.Wait()
	}
	getMany(t, c, []int64{4, 1, 2}, []int64{1, 1, 1})
	if diff := cmp.Diff([][]int64{{3, 1, 3}, {4, 2}}, s.loads); diff != "" {
		t.Errorf("ids that were loaded (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Stats{Hits: 4, Misses: 5}, c.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func TestGetManyIsNeverOlderThanAsked(t *testing.T) {
	s := &shelf{}
	s.fill(1, 5)
	c := newTestCache(t, 1<<20, s)
	ids := []int64{1}
	getMany(t, c, ids, []int64{5})
	c.entries.Wait()

	s.fill(1, 9)
	if diff := cmp.Diff([][]float32{{1, 9}}, getMany(t, c, ids, []int64{9})); diff != "" {
		t.Errorf("the version asked for (-want +got):\n%s", diff)
	}
	c.entries.Wait()
	if diff := cmp.Diff([][]float32{{1, 9}}, getMany(t, c, ids, []int64{7})); diff != "" {
		t.Errorf("an older version asked for (-want +got):\n%s", diff)
	}
	if len(s.loads) != 2 {
		t.Errorf("%d loads, want 2", len(s.loads))
	}
}

func TestASlowLoadDoesNotBringAnOldVectorBack(t *testing.T) {
	s := &shelf{}
	s.fill(1, 5)
	c := newTestCache(t, 1<<20, s)
	getMany(t, c, []int64{1}, []int64{5})
	c.entries.Wait()
	c.entries.Set(1, Vector{Values: []float32{0, 0}, Version: 4}, 1)
	c.entries.Wait()
	if diff := cmp.Diff([][]float32{{1, 5}}, getMany(t, c, []int64{1}, []int64{4})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGetManyWithoutVectors(t *testing.T) {
	s := &shelf{}
	s.fill(2, 1)
	c := newTestCache(t, 1<<20, s)
	got := getMany(t, c, []int64{7, 1, 2}, []int64{3, 1, 0})
	if diff := cmp.Diff([][]float32{nil, {1, 1}, nil}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]int64{{7, 1}}, s.loads); diff != "" {
		t.Errorf("ids that were loaded (-want +got):\n%s", diff)
	}
	if got := getMany(t, c, nil, nil); len(got) != 0 {
		t.Errorf("of no ids: %v", got)
	}
}

func TestGetManyOverwritesItsDestination(t *testing.T) {
	s := &shelf{}
	s.fill(1, 1)
	c := newTestCache(t, 1<<20, s)
	dst := [][]float32{{8}, {8}, {8}}
	got, err := c.GetMany(t.Context(), dst, []int64{1, 2}, []int64{1, 1})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]float32{{1, 1}, nil}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if &got[0] != &dst[0] {
		t.Error("dst was large enough and not used")
	}
}

func TestGetManyReturnsTheLoadersError(t *testing.T) {
	s := &shelf{broken: errors.New("disk on fire")}
	c := newTestCache(t, 1<<20, s)
	if _, err := c.Get(t.Context(), 1, 1); !errors.Is(err, s.broken) {
		t.Errorf("error %v, want one that wraps the loader's", err)
	}
	s.broken = nil
	s.fill(1, 1)
	if v, err := c.Get(t.Context(), 1, 1); err != nil || v == nil {
		t.Errorf("after it: %v, error %v", v, err)
	}
}

// A cache of a few entries, readers, and a writer: whatever is dropped or evicted, nobody gets a
// vector of another post, or one older than asked.
func TestCacheIsRightWhateverItForgets(t *testing.T) {
	const posts = 50
	s := &shelf{}
	s.fill(posts, 1)
	c := newTestCache(t, 1000, s)
	var newest atomic.Int64
	newest.Store(1)
	var group sync.WaitGroup
	group.Go(func() {
		for version := int64(2); version <= 100; version++ {
			s.fill(posts, version)
			newest.Store(version)
		}
	})
	for reader := range int64(4) {
		group.Go(func() {
			for round := range int64(200) {
				version := newest.Load()
				var ids, versions []int64
				for i := range int64(10) {
					ids, versions = append(ids, 1+(reader*7+round*3+i*i)%posts), append(versions, version)
				}
				got, err := c.GetMany(t.Context(), nil, ids, versions)
				if err != nil {
					t.Error(err)
					return
				}
				for i, v := range got {
					if v[0] != float32(ids[i]) || v[1] < float32(version) {
						t.Errorf("post %d in version %d gave %v", ids[i], version, v)
					}
				}
			}
		})
	}
	group.Wait()
}

func TestNewCacheRefusesNoRoom(t *testing.T) {
	if _, err := NewCache(0, nil); err == nil {
		t.Error("no error")
	}
}

func TestRatio(t *testing.T) {
	tests := []struct {
		s    Stats
		want float64
	}{{Stats{}, 0}, {Stats{Misses: 3}, 0}, {Stats{Hits: 3, Misses: 1}, .75}, {Stats{Hits: 3}, 1}}
	for _, test := range tests {
		if got := test.s.Ratio(); got != test.want {
			t.Errorf("ratio of %+v is %g, want %g", test.s, got, test.want)
		}
	}
}

// BenchmarkGetMany reads what one request ranks.
func BenchmarkGetMany(b *testing.B) {
	for _, n := range []int64{100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := &shelf{}
			s.fill(n, 1)
			c := newTestCache(b, 64<<20, s)
			var ids, versions []int64
			for id := range n {
				ids, versions = append(ids, id+1), append(versions, 1)
			}
			dst := getMany(b, c, ids, versions)
			c.entries.Wait()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.GetMany(b.Context(), dst, ids, versions); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(c.Stats().Ratio(), "hits/lookup")
		})
	}
}
