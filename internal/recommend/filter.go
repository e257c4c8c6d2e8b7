package recommend

import (
	"fmt"

	"resonance/internal/catalog"
	"resonance/internal/errs"
)

// Filter narrows a feed to some of the posts in scope. A list that is empty asks nothing; of one
// that is not, a post has to meet one entry. Names are compared as they are written.
type Filter struct {
	Categories      []string
	Topics          []string // keys, see catalog.Topic
	Tags            []string
	Authors         []string // usernames
	ExcludedPosts   []int64
	ExcludedAuthors []string
	CreatedAfter    *int64 // epoch milliseconds; at this time or later
	CreatedBefore   *int64 // before this time
	UnlockedOnly    bool
}

// Most entries that a list of a Filter may have.
const (
	MaxFilterNames = 100
	MaxFilterPosts = 1000
)

// empty reports whether the filter leaves everything.
func (f Filter) empty() bool {
	return len(f.Categories)+len(f.Topics)+len(f.Tags)+len(f.Authors)+len(f.ExcludedPosts)+len(f.ExcludedAuthors) == 0 &&
		f.CreatedAfter == nil && f.CreatedBefore == nil && !f.UnlockedOnly
}

// check reports the first list that is too long; the error wraps errs.Invalid.
func (f Filter) check() error {
	for _, list := range []struct {
		name string
		len  int
		most int
	}{
		{"categories", len(f.Categories), MaxFilterNames}, {"topics", len(f.Topics), MaxFilterNames}, {"tags", len(f.Tags), MaxFilterNames},
		{"authors", len(f.Authors), MaxFilterNames}, {"excludePostIds", len(f.ExcludedPosts), MaxFilterPosts},
		{"excludeAuthors", len(f.ExcludedAuthors), MaxFilterNames},
	} {
		if list.len > list.most {
			return fmt.Errorf("%w: filter: %s: has %d entries, more than %d", errs.Invalid, list.name, list.len, list.most)
		}
	}
	return nil
}

// rule returns which posts of an index the filter and the pages before leave; nil when they leave all.
func (r Request) rule(index *catalog.Index) func(*catalog.Entry) bool {
	f := r.Filter
	var rules []func(*catalog.Entry) bool
	must := func(rule func(*catalog.Entry) bool) { rules = append(rules, rule) }
	if f.UnlockedOnly {
		must(func(e *catalog.Entry) bool { return !e.Locked })
	}
	if f.CreatedAfter != nil {
		must(func(e *catalog.Entry) bool { return e.CreatedAt >= *f.CreatedAfter })
	}
	if f.CreatedBefore != nil {
		must(func(e *catalog.Entry) bool { return e.CreatedAt < *f.CreatedBefore })
	}
	if of := nameSet(&index.Authors, f.Authors); of != nil {
		must(func(e *catalog.Entry) bool { return of[e.Author] })
	}
	if not := nameSet(&index.Authors, f.ExcludedAuthors); not != nil {
		must(func(e *catalog.Entry) bool { return !not[e.Author] })
	}
	if of := nameSet(&index.Categories, f.Categories); of != nil {
		must(func(e *catalog.Entry) bool { return of[e.Category] })
	}
	if of := nameSet(&index.Topics, f.Topics); of != nil {
		must(func(e *catalog.Entry) bool { return of[e.Topic] })
	}
	if of := nameSet(&index.Tags, f.Tags); of != nil {
		must(func(e *catalog.Entry) bool {
			for _, tag := range e.Tags {
				if of[tag] {
					return true
				}
			}
			return false
		})
	}
	if out := idSet(f.ExcludedPosts, r.Served); out != nil {
		must(func(e *catalog.Entry) bool { return !out[e.ID] })
	}
	if rules == nil {
		return nil
	}
	return func(e *catalog.Entry) bool {
		for _, rule := range rules {
			if !rule(e) {
				return false
			}
		}
		return true
	}
}

// nameSet returns those of texts that the table knows, as a set; nil for no texts.
func nameSet(table *catalog.Names, texts []string) map[catalog.Name]bool {
	if len(texts) == 0 {
		return nil
	}
	set := make(map[catalog.Name]bool, len(texts))
	for _, text := range texts {
		if name, known := table.Lookup(text); known {
			set[name] = true
		}
	}
	return set
}

// idSet returns all ids of the lists as a set; nil for none.
func idSet(lists ...[]int64) map[int64]bool {
	var set map[int64]bool
	for _, list := range lists {
		for _, id := range list {
			if set == nil {
				set = map[int64]bool{}
			}
			set[id] = true
		}
	}
	return set
}
