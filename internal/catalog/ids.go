package catalog

// ids finds ordinals by the ids of posts: half full at most, eight bytes a place, in whatever is free next
// (linear probing), so that a look takes one read of memory.
type ids struct {
	slots []slot // a power of two of them
	len   int
}

// slot is a post's id and its ordinal plus 1; 0: the slot is free.
type slot struct{ id, place int32 }

func (t *ids) lookup(id int64) (Ordinal, bool) {
	if t.len == 0 || id != int64(int32(id)) {
		return 0, false
	}
	s := t.slots[t.find(int32(id))]
	return Ordinal(s.place - 1), s.place > 0
}

// put adds an id that is not known yet.
func (t *ids) put(id int64, o Ordinal) {
	if t.len++; 2*t.len > len(t.slots) {
		old := t.slots
		t.slots = make([]slot, max(16, 2*len(old)))
		for _, s := range old {
			if s.place > 0 {
				t.slots[t.find(s.id)] = s
			}
		}
	}
	t.slots[t.find(int32(id))] = slot{int32(id), int32(o) + 1}
}

// find returns where an id stands, or else would.
func (t *ids) find(id int32) int {
	last := len(t.slots) - 1
	at := int(hash(int64(id))) & last
	for t.slots[at].place > 0 && t.slots[at].id != id {
		at = (at + 1) & last
	}
	return at
}
