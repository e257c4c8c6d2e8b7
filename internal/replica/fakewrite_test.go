package replica_test

import (
	"resonance/internal/catalog"
	"resonance/internal/store"
)

// The writes of a fakeStore: each is one transaction.

func (f *fakeStore) transaction(write func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seq++
	write()
}

func (f *fakeStore) putPost(p catalog.Post) {
	f.transaction(func() {
		old := f.posts[p.ID]
		f.posts[p.ID] = &fakePost{Post: p, seq: f.seq}
		if e := f.embeddings[p.ID]; old != nil && old.gone && e != nil {
			e.Seq = f.seq
		}
	})
}

func (f *fakeStore) hidePost(id int64) {
	f.transaction(func() {
		if p := f.posts[id]; p != nil && !p.gone {
			p.gone, p.seq = true, f.seq
		}
	})
}

// resetPost deletes a post for good: what comes under its id later has nothing to do with it.
func (f *fakeStore) resetPost(id int64) {
	f.transaction(func() {
		if f.posts[id] != nil {
			f.posts[id] = &fakePost{Post: catalog.Post{ID: id}, seq: f.seq, gone: true}
		}
		if e := f.embeddings[id]; e != nil {
			e.Vector, e.Seq = nil, f.seq
		}
	})
}

// putUser names a user and brings a hidden one back; with the events, if there were any.
func (f *fakeStore) putUser(id int64, username string) {
	f.transaction(func() { f.writeUser(id, username, false) })
}

func (f *fakeStore) hideUser(id int64) {
	f.transaction(func() {
		if u := f.users[id]; u != nil && !u.Gone {
			f.writeUser(id, "", true)
		}
	})
}

func (f *fakeStore) writeUser(id int64, username string, gone bool) {
	if u := f.users[id]; u != nil && u.Gone != gone {
		f.restamp(id)
	}
	f.users[id] = &store.UserChange{ID: id, Username: username, Gone: gone, Seq: f.seq}
}

func (f *fakeStore) restamp(userID int64) {
	for _, e := range f.events {
		if e.UserID == userID {
			e.Seq = f.seq
		}
	}
}

// forget deletes a user with every event.
func (f *fakeStore) forget(id int64) {
	f.transaction(func() {
		if f.users[id] == nil {
			return
		}
		for row, e := range f.events {
			if e.UserID == id {
				delete(f.events, row)
				f.removed[row] = f.seq
			}
		}
		f.users[id] = &store.UserChange{ID: id, Gone: true, Seq: f.seq}
	})
}

// merge gives the name and the events of a local user to the one whom upstream has named.
func (f *fakeStore) merge(local, upstream int64) {
	f.transaction(func() {
		u := f.users[local]
		if u == nil || u.Gone {
			return
		}
		f.writeUser(upstream, u.Username, false)
		f.users[local] = &store.UserChange{ID: local, Gone: true, Seq: f.seq}
		for _, e := range f.events {
			if e.UserID == local {
				e.UserID, e.Seq = upstream, f.seq
			}
		}
	})
}

// putEvent adds an event, or with a known Row replaces it, and returns the row.
func (f *fakeStore) putEvent(e store.EventChange) int64 {
	f.transaction(func() {
		if e.Row == 0 {
			f.rows++
			e.Row = f.rows
		}
		if f.users[e.UserID] == nil {
			f.users[e.UserID] = &store.UserChange{ID: e.UserID, Seq: f.seq}
		}
		e.Seq = f.seq
		f.events[e.Row] = &e
	})
	return e.Row
}

func (f *fakeStore) removeEvent(row int64) {
	f.transaction(func() {
		if f.events[row] != nil {
			delete(f.events, row)
			f.removed[row] = f.seq
		}
	})
}

// putEmbedding sets the embedding of a post; one without numbers withdraws it. That of a post
// that is not there is dropped.
func (f *fakeStore) putEmbedding(id int64, v []float32) {
	f.transaction(func() {
		if p := f.posts[id]; p != nil && !p.gone && (len(v) > 0 || f.embeddings[id] != nil) {
			f.embeddings[id] = &store.EmbeddingChange{PostID: id, Vector: v, Seq: f.seq}
		}
	})
}
