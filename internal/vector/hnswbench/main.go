// Command hnswbench compares vector.Index with a graph of navigable small worlds, github.com/coder/hnsw,
// on the same synthetic posts. It is a module of its own, so that the product does not depend on that library.
//
//	go run . -posts 100000
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/coder/hnsw"

	"resonance/internal/catalog"
	"resonance/internal/synthetic"
	"resonance/internal/vector"
)

const k, questions = 100, 100

func main() {
	posts := flag.Int("posts", 100_000, "how many posts there are")
	neighbours := flag.Int("m", 16, "neighbours of a node of the graph")
	building := flag.Int("building", 100, "nodes considered for a new one (its ef)")
	flag.Parse()
	if err := run(*posts, *neighbours, *building); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// world is what both are asked about.
type world struct {
	vectors [][]float32 // by ordinal
	index   *catalog.Index
	queries [][]float32
	exact   map[string][][]catalog.Ordinal // by project, then query: the k nearest
}

func run(posts, neighbours, building int) error {
	c, err := synthetic.New(posts)
	if err != nil {
		return err
	}
	w := &world{index: new(catalog.Index), exact: map[string][][]catalog.Ordinal{}}
	for id := int64(1); id <= int64(posts); id++ {
		post := c.Post(id)
		w.index.Put(post.Features(), 1)
		w.vectors = append(w.vectors, c.Vector(id))
	}
	w.index.Settle(16384)
	for i := range questions {
		q := slices.Clone(w.vectors[i*posts/questions])
		vector.AddScaled(q, .8, w.vectors[(i+1)*posts/questions-1]) // somebody of two tastes
		vector.Normalise(q)
		w.queries = append(w.queries, q)
	}
	for _, project := range []string{"", synthetic.Rare} {
		for _, q := range w.queries {
			w.exact[project] = append(w.exact[project], w.nearest(q, project))
		}
	}
	fmt.Printf("%d posts; recall@%d; processor time, %d questions one after the other\n", posts, k, questions)
	w.scan()
	w.graph(neighbours, building)
	return nil
}

func (w *world) nearest(q []float32, project string) []catalog.Ordinal {
	posts := slices.Clone(w.index.Scope(project).Ordinals())
	score := make([]float32, len(w.vectors))
	for _, o := range posts {
		score[o] = vector.Dot(q, w.vectors[o])
	}
	slices.SortFunc(posts, func(a, b catalog.Ordinal) int { return cmp.Compare(score[b], score[a]) })
	return posts[:min(k, len(posts))]
}

// ask answers all queries and prints what that took and found.
func (w *world) ask(name, project string, find func(q []float32) []catalog.Ordinal) {
	found, wanted := 0, 0
	took := make([]time.Duration, 0, questions)
	for i, q := range w.queries {
		began := processorTime()
		named := find(q)
		took = append(took, processorTime()-began)
		for _, o := range w.exact[project][i] {
			wanted++
			if slices.Contains(named, o) {
				found++
			}
		}
	}
	slices.Sort(took)
	fmt.Printf("  %-60s median %8.3f ms   recall %.4f\n", name, float64(took[len(took)/2].Microseconds())/1000, float64(found)/float64(wanted))
}

// scan measures vector.Index.
func (w *world) scan() {
	before := heap()
	began := processorTime()
	ix := new(vector.Index)
	for o, v := range w.vectors {
		ix.Put(catalog.Ordinal(o), v, 1)
	}
	fmt.Printf("codes and bytes: %.2f µs an insert, %d bytes a post\n", micros(began, len(w.vectors)), (heap()-before)/int64(len(w.vectors)))
	all := func(catalog.Ordinal) bool { return true }
	for _, codes := range []int{8, 16, 32, 64} {
		for _, project := range []string{"", synthetic.Rare} {
			w.ask(fmt.Sprintf("%d codes a post wanted, project %q", codes, project), project, func(q []float32) []catalog.Ordinal {
				return ix.Nearest(w.index.Scope(project), all, vector.Query{Vector: q, Codes: codes * k, Limit: k + k/4})[0]
			})
		}
	}
	began = processorTime()
	for o := range catalog.Ordinal(1000) {
		ix.Remove(o)
		ix.Put(o, w.vectors[o], 2)
	}
	fmt.Printf("  an update %.2f µs\n", micros(began, 1000))
}

// graph measures the library.
func (w *world) graph(neighbours, building int) {
	before := heap()
	began := processorTime()
	g := hnsw.NewGraph[int32]()
	g.M, g.EfSearch, g.Distance = neighbours, building, func(a, b []float32) float32 { return 1 - vector.Dot(a, b) }
	for o, v := range w.vectors {
		g.Add(hnsw.MakeNode(int32(o), v))
	}
	fmt.Printf("graph, M %d, ef %d: %.2f µs an insert, %d bytes a post besides the vector's %d\n",
		neighbours, building, micros(began, len(w.vectors)), (heap()-before)/int64(len(w.vectors)), 4*synthetic.Dim)
	for _, considered := range []int{100, 200, 400, 800, 1600, 3200} {
		g.EfSearch = considered
		w.ask(fmt.Sprintf("ef %d", considered), "", func(q []float32) []catalog.Ordinal { return found(g.Search(q, k+k/4)) })
	}
	for _, considered := range []int{1000, 5000, 10_000} { // it knows no filter: what is found is filtered
		g.EfSearch = considered
		scope := w.index.Scope(synthetic.Rare)
		w.ask(fmt.Sprintf("ef %d, project %q filtered afterwards", considered, synthetic.Rare), synthetic.Rare, func(q []float32) []catalog.Ordinal {
			return slices.DeleteFunc(found(g.Search(q, considered)), func(o catalog.Ordinal) bool { return !scope.Contains(o) })
		})
	}
	w.update(g, building)
}

// update takes posts out of the graph and puts them in again, as far as the library can.
func (w *world) update(g *hnsw.Graph[int32], building int) {
	defer func() {
		if failure := recover(); failure != nil {
			fmt.Printf("  an update fails: %v\n", failure)
		}
	}()
	began := processorTime()
	g.EfSearch = building
	for o := range int32(1000) {
		g.Delete(o)
		g.Add(hnsw.MakeNode(o, w.vectors[o]))
	}
	fmt.Printf("  an update %.2f µs\n", micros(began, 1000))
}

func found(nodes []hnsw.Node[int32]) []catalog.Ordinal {
	posts := make([]catalog.Ordinal, len(nodes))
	for i, n := range nodes {
		posts[i] = catalog.Ordinal(n.Key)
	}
	return posts
}

func micros(began time.Duration, n int) float64 {
	return float64((processorTime() - began).Nanoseconds()) / 1000 / float64(n)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// processorTime is what this process has taken of the processors: other programs disturb it little.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
