package graph

import "sync"

// places counts what stays open, as a whole and for each who asks, so that neither grows without
// bound.
type places struct {
	name       string // of what is counted, in the plural
	most, each int

	mu    sync.Mutex
	taken int
	by    map[string]int
}

func newPlaces(name string, most, each int) *places {
	return &places{name: name, most: most, each: each, by: map[string]int{}}
}

// take takes a place for who asks until leave is called, once; or it says why there is none.
func (p *places) take(who string) (leave func(), why *refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.by[who] >= p.each:
		return nil, tooMany("more than %d %s of one key or address", p.each, p.name)
	case p.taken >= p.most:
		return nil, tooMany("more than %d %s; another process may have room", p.most, p.name)
	}
	p.taken++
	p.by[who]++
	return func() { p.leave(who) }, nil
}

func (p *places) leave(who string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	if p.by[who]--; p.by[who] == 0 {
		delete(p.by, who)
	}
}
