package signal

import (
	"context"
	"iter"
	"slices"
	"sync"

	"resonance/internal/catalog"
	"resonance/internal/collab"
)

// Crowd is what everyone did, brought up to date event by event: which posts each user touched
// and when, and the counts that signals read of it. It depends on the rows put and on nothing
// else, not on their order. Not safe for concurrent use while Put or Rate runs.
type Crowd struct {
	settings    Settings
	origin      int64
	users       map[int64]int32 // ordinals by id
	ids         []int64         // by ordinal
	rows        [][]collab.Touch
	items       int
	transitions *collab.Transitions
	next        *collab.Transitions
	walk        *collab.RP3Beta
	popularity  *collab.Popularity
	buzz        *collab.Popularity
	categories  tally
	authors     tally
	ratings     ratings
	sum         uint64
	memory      *memory
}

// NewCrowd returns the crowd of nobody, whose counts age around the moment origin, in epoch
// milliseconds.
func NewCrowd(s Settings, origin int64) *Crowd {
	return &Crowd{
		settings: s, origin: origin, users: map[int64]int32{}, memory: new(memory),
		transitions: collab.NewTransitions(s.transitions(origin)),
		next:        collab.NewTransitions(s.next(origin)),
		walk:        collab.NewRP3Beta(collab.RP3BetaParams{Alpha: .6, Beta: .4}),
		popularity:  collab.NewPopularity(s.popularity(origin)),
		buzz:        collab.NewPopularity(s.buzz(origin)),
	}
}

// Fill puts many users' rows at once into a crowd of nobody; see Put.
func (c *Crowd) Fill(index *catalog.Index, rows map[int64][]collab.Touch) {
	c.Changed()
	c.items = index.Cap()
	for user, row := range rows {
		u := c.ordinal(user)
		c.rows[u] = row
		c.walk.Replace(u, c.items, nil, row)
		c.popularity.Replace(c.items, nil, row)
		c.buzz.Replace(c.items, nil, row)
		c.count(index, user, nil, row)
	}
	c.fill(c.transitions)
	c.fill(c.next)
}

func (c *Crowd) fill(m *collab.Transitions) {
	// Without a deadline there is nothing that could fail.
	_ = m.Fill(context.Background(), c.items, c.rows)
}

// With returns a crowd of the same rows with other settings. It shares what does not depend on
// them: neither may be changed afterwards.
func (c *Crowd) With(s Settings) *Crowd {
	with := *c
	with.settings, with.memory = s, new(memory)
	if s.Steps != c.settings.Steps || s.TransitionDays != c.settings.TransitionDays {
		with.transitions = collab.NewTransitions(s.transitions(c.origin))
		with.fill(with.transitions)
	} else {
		with.transitions = c.transitions.From(s.Last, s.Decay)
	}
	if s.next(c.origin) != c.settings.next(c.origin) {
		with.next = collab.NewTransitions(s.next(c.origin))
		with.fill(with.next)
	}
	if s.popularity(c.origin) != c.settings.popularity(c.origin) {
		with.popularity = collab.NewPopularity(s.popularity(c.origin))
		for _, row := range c.rows {
			with.popularity.Replace(c.items, nil, row)
		}
	}
	if s.buzz(c.origin) != c.settings.buzz(c.origin) {
		with.buzz = collab.NewPopularity(s.buzz(c.origin))
		for _, row := range c.rows {
			with.buzz.Replace(c.items, nil, row)
		}
	}
	return &with
}

// Put replaces a user's row: the posts touched, ordered by time, then by id of the post. The row
// is kept; nil forgets the user. A post's category and author must not change while it is in a
// row.
func (c *Crowd) Put(index *catalog.Index, user int64, row []collab.Touch) {
	u := c.ordinal(user)
	before := c.rows[u]
	if slices.Equal(before, row) { // as after most of what users do: only the first touch of a post counts
		return
	}
	c.Changed()
	c.items = index.Cap()
	c.rows[u] = row
	c.transitions.Replace(c.items, before, row)
	c.next.Replace(c.items, before, row)
	c.walk.Replace(u, c.items, before, row)
	c.popularity.Replace(c.items, before, row)
	c.buzz.Replace(c.items, before, row)
	c.count(index, user, before, row)
}

// ordinal returns the ordinal of a user, who gets one when there is none yet.
func (c *Crowd) ordinal(user int64) int32 {
	u, known := c.users[user]
	if !known {
		u = int32(len(c.rows))
		c.users[user] = u
		c.rows, c.ids = append(c.rows, nil), append(c.ids, user)
	}
	return u
}

func (c *Crowd) count(index *catalog.Index, user int64, before, after []collab.Touch) {
	c.sum += SumOf(index, user, after) - SumOf(index, user, before)
	c.categories.replace(before, after, func(o catalog.Ordinal) catalog.Name { return index.Entry(o).Category })
	c.authors.replace(before, after, func(o catalog.Ordinal) catalog.Name { return index.Entry(o).Author })
}

// Rate sets the sum and the number of a post's ratings.
func (c *Crowd) Rate(o catalog.Ordinal, sum int64, count int32) {
	if c.ratings.set(o, sum, count) {
		c.Changed()
	}
}

// Row returns a user's row; it must not be changed.
func (c *Crowd) Row(user int64) []collab.Touch {
	if u, known := c.users[user]; known {
		return c.rows[u]
	}
	return nil
}

// Rows goes through the users who touched something, with their rows, in no order that means
// something.
func (c *Crowd) Rows() iter.Seq2[int64, []collab.Touch] {
	return func(yield func(int64, []collab.Touch) bool) {
		for u, row := range c.rows {
			if len(row) > 0 && !yield(c.ids[u], row) {
				return
			}
		}
	}
}

// Sum identifies what all rows hold: crowds of equal rows have equal sums, others hardly ever.
func (c *Crowd) Sum() uint64 { return c.sum }

// SumOf returns what a user's row adds to the sum.
func SumOf(index *catalog.Index, user int64, row []collab.Touch) (sum uint64) {
	for _, t := range row {
		h := mix(uint64(user))
		h = mix(h ^ uint64(index.Entry(catalog.Ordinal(t.Item)).ID))
		sum += mix(h ^ uint64(t.At))
	}
	return sum
}

// mix spreads the bits of x: the finish of splitmix64 (Steele, Lea and Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// Touches returns how many touches all rows hold.
func (c *Crowd) Touches() int { return c.categories.total }

// Audience returns how many users touched the post.
func (c *Crowd) Audience(o catalog.Ordinal) int { return len(c.walk.Users(int32(o))) }

// Popular returns the n posts for which is holds that are most popular, ages counted; equal ones by id.
func (c *Crowd) Popular(index *catalog.Index, n int, is func(catalog.Ordinal) bool) []catalog.Ordinal {
	var posts []catalog.Ordinal
	first := func(a, b int32) int { return index.CompareIDs(catalog.Ordinal(a), catalog.Ordinal(b)) }
	for _, i := range c.popularity.Top(n, func(i int32) bool { return is(catalog.Ordinal(i)) }, first) {
		posts = append(posts, catalog.Ordinal(i))
	}
	return posts
}

// Visitors returns the ids of the users who touched the post, in no order that means something.
func (c *Crowd) Visitors(o catalog.Ordinal) []int64 {
	ordinals := c.walk.Users(int32(o))
	ids := make([]int64, len(ordinals))
	for i, u := range ordinals {
		ids[i] = c.ids[u]
	}
	return ids
}

// self returns the ordinal of a user, -1 for one without a row.
func (c *Crowd) self(user int64) int32 {
	if u, known := c.users[user]; known {
		return u
	}
	return -1
}

// tally counts touches by a name of the post.
type tally struct {
	counts []int
	total  int
}

func (t *tally) replace(before, after []collab.Touch, of func(catalog.Ordinal) catalog.Name) {
	for _, touch := range before {
		t.add(of(catalog.Ordinal(touch.Item)), -1)
	}
	for _, touch := range after {
		t.add(of(catalog.Ordinal(touch.Item)), 1)
	}
}

func (t *tally) add(name catalog.Name, n int) {
	for int(name) >= len(t.counts) {
		t.counts = append(t.counts, 0)
	}
	t.counts[name] += n
	t.total += n
}

// ratings are the sums of the ratings of posts, by ordinal.
type ratings struct {
	sums   []int64
	counts []int32
	sum    int64
	count  int64
}

// set reports whether that changes anything.
func (r *ratings) set(o catalog.Ordinal, sum int64, count int32) bool {
	for int(o) >= len(r.sums) {
		r.sums, r.counts = append(r.sums, 0), append(r.counts, 0)
	}
	if r.sums[o] == sum && r.counts[o] == count {
		return false
	}
	r.sum += sum - r.sums[o]
	r.count += int64(count - r.counts[o])
	r.sums[o], r.counts[o] = sum, count
	return true
}

// memory is what a crowd remembers between two changes. Safe for concurrent use.
type memory struct {
	mu      sync.Mutex
	spreads map[spreadKey]spread
	said    map[saidKey]said
	placed  map[*catalog.Sheet]placed
}

type spreadKey struct {
	counts *collab.Popularity
	scope  catalog.ScopeKey
}

type spread struct{ mean, deviation float64 }

// saidKey names a signal that is common and a scope.
type saidKey struct {
	sheet  *catalog.Sheet
	signal string
}

// said are the values of a scope's posts as of a moment.
type said struct {
	at     int64
	values []float64
}

// Changed tells the crowd that posts have come, gone or moved to another project. Put, Fill and Rate do so too where they
// change something.
func (c *Crowd) Changed() {
	c.memory.mu.Lock()
	defer c.memory.mu.Unlock()
	clear(c.memory.spreads)
	clear(c.memory.said)
	clear(c.memory.placed)
}

// common returns what a signal says of a whole scope to somebody of whom nothing is known.
func (c *Crowd) common(q *Question, s Signal) []float64 {
	m, key := c.memory, saidKey{q.sheet, s.Name}
	at := q.Now
	if s.Ageless {
		at = min(at, q.Catalog.Newest()) // freshness takes what is dated ahead of the moment for new
	}
	m.mu.Lock()
	known := m.said[key]
	m.mu.Unlock()
	if known.values != nil && known.at == at {
		return known.values
	}
	nobody := Question{World: q.World, Now: at, Candidates: q.Candidates, sheet: q.sheet, whole: true}
	known = said{at, make([]float64, len(q.Candidates))}
	s.Measure(&nobody, known.values)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.said == nil {
		m.said = map[saidKey]said{}
	}
	m.said[key] = known
	return known.values
}

// placed returns where the posts of a whole scope stand in what was fitted.
func (c *Crowd) placed(q *Question) placed {
	m := c.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	found := m.placed[q.sheet]
	if found.by != q.Fitted {
		if m.placed == nil {
			m.placed = map[*catalog.Sheet]placed{}
		}
		found = q.Fitted.placed(q.Candidates, nil)
		m.placed[q.sheet] = found
	}
	return found
}

// spread returns mean and standard deviation of what people counted over the posts of a large scope.
func (c *Crowd) spread(counts *collab.Popularity, scope catalog.Scope, now int64) (mean, deviation float64) {
	m, key := c.memory, spreadKey{counts, scope.Key()}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.spreads == nil {
		m.spreads = map[spreadKey]spread{}
	}
	found, known := m.spreads[key]
	if !known {
		found.mean, found.deviation = counts.Spread(scope.Len(), func(i int32) bool { return scope.Contains(catalog.Ordinal(i)) })
		m.spreads[key] = found
	}
	worth := counts.Worth(now)
	return found.mean * worth, found.deviation * worth
}
