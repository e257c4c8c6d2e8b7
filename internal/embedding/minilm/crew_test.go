package minilm

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// newCrew is a crew of n workers that has one text to make.
func newCrew(n int) *crew {
	m := &Model{idle: &sync.Pool{New: func() any { return new(worker) }}, regret: new(regret), workers: n}
	return m.gather(1)
}

// waitFor lets others run until it is so.
func waitFor(so func() bool) {
	for !so() {
		runtime.Gosched()
	}
}

func TestSharedPartsAreDoneOnce(t *testing.T) {
	c := newCrew(4)
	var helpers sync.WaitGroup
	for _, w := range c.workers[1:] {
		helpers.Go(func() { c.help(t.Context(), &w.scratch) })
	}
	for _, parts := range []int{0, 1, 2, 3, 100, 10_000} {
		done, want := make([]int32, parts), make([]int32, parts)
		c.workers[0].share(parts, func(part int, _ *scratch) { atomic.AddInt32(&done[part], 1) })
		for i := range want {
			want[i] = 1
		}
		if diff := cmp.Diff(want, done); diff != "" {
			t.Errorf("%d parts (-want +got):\n%s", parts, diff)
		}
	}
	c.open.Add(-1)
	helpers.Wait()
}

func TestRowsAreSharedWhole(t *testing.T) {
	for n := range 40 {
		var rows []int
		newCrew(2).workers[0].shareRows(n, func(row int) { rows = append(rows, row) }) // nobody helps, so nobody races
		for want, got := range rows {
			if got != want {
				t.Fatalf("of %d rows: %v", n, rows)
			}
		}
		if len(rows) != n {
			t.Fatalf("of %d rows: %v", n, rows)
		}
	}
}

// A helper whose processor is taken away keeps a text waiting once, not at every step.
func TestHelpThatStallsIsDeclined(t *testing.T) {
	c := newCrew(2)
	var helpers sync.WaitGroup
	helpers.Go(func() { c.help(t.Context(), &c.workers[1].scratch) })
	var taken atomic.Bool
	c.workers[0].share(2, func(_ int, s *scratch) {
		if s == &c.workers[1].scratch {
			taken.Store(true)
			waitFor(c.apart.Load)
			return
		}
		waitFor(taken.Load)
	})
	helpers.Wait() // though the text is not finished
	c.workers[0].share(100, func(part int, s *scratch) {
		if s != &c.workers[0].scratch {
			t.Errorf("part %d was done by another", part)
		}
	})
	if !c.regret.lasts() {
		t.Error("the next text would be shared at once")
	}
	m := &Model{idle: &sync.Pool{New: func() any { return new(worker) }}, regret: c.regret, workers: 2}
	if one, three := len(m.gather(1).workers), len(m.gather(3).workers); one != 1 || three != 2 {
		t.Errorf("after it one text has %d workers, want 1, and three have %d, want 2", one, three)
	}
}

func TestSharedTextsHaveTheSameBits(t *testing.T) {
	m := loadModel(t, fastest())
	for _, text := range mixed {
		want := embed(t, m.WithWorkers(1), text)
		for _, workers := range []int{2, 4, 50} {
			shared := m.WithWorkers(workers)
			shared.regret = new(regret)
			if diff := cmp.Diff(want, embed(t, shared, text)); diff != "" {
				t.Errorf("%.20q by %d workers (-alone +shared):\n%s", text, workers, diff)
			}
		}
	}
}
