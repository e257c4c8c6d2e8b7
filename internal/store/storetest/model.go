package storetest

import (
	"cmp"
	"slices"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// model is the settled rules without cleverness: every rule by looking at everything.
type model struct {
	posts      map[int64]*modelPost
	users      map[int64]*modelUser
	events     []*modelEvent
	embeddings map[embeddingKey]store.Embedding
	names      map[string]int // forgotten, each with the number of the person
	ids        map[int64]int  // forgotten
	subjects   int            // numbers given
	passes     map[string]*modelPass
	withdrawn  map[act]time.Time
	used       map[string]usedKey
}

type modelPost struct {
	post           catalog.Post
	gone, upstream bool
	deleted        bool // gone, and upstream can't bring it back
	missed         int
}

type modelUser struct {
	catalog.User
	gone, upstream bool
	missed         int
}

type modelEvent struct {
	key        string
	user, post int64
	kind       interaction.Kind
	value      int
	at         time.Time
}

type embeddingKey struct {
	model string
	post  int64
}

type modelPass struct {
	page, known int
	seen        map[int64]bool
}

func newModel() *model {
	return &model{
		posts: map[int64]*modelPost{}, users: map[int64]*modelUser{}, embeddings: map[embeddingKey]store.Embedding{},
		names: map[string]int{}, ids: map[int64]int{}, passes: map[string]*modelPass{},
		withdrawn: map[act]time.Time{}, used: map[string]usedKey{},
	}
}

func (m *model) putPosts(posts []catalog.Post, upstream bool) (changed int) {
	for n, p := range posts {
		old := m.posts[p.ID]
		if slices.ContainsFunc(posts[n+1:], func(later catalog.Post) bool { return later.ID == p.ID }) {
			continue
		}
		if old != nil && old.deleted {
			continue
		}
		if old != nil && !old.gone && string(document(p)) == string(document(old.post)) {
			old.upstream = old.upstream || upstream
			continue
		}
		changed++
		keep := old != nil && !old.gone && old.upstream
		m.posts[p.ID] = &modelPost{post: p, upstream: upstream || keep}
		if p.Text() == "" {
			m.withdrawEmbeddings(p.ID)
		}
	}
	return changed
}

func (m *model) withdrawEmbeddings(postID int64) {
	for k := range m.embeddings {
		if k.post == postID {
			delete(m.embeddings, k)
		}
	}
}

func document(p catalog.Post) []byte {
	b, err := p.MarshalJSON()
	if err != nil {
		panic(err)
	}
	return b
}

func (m *model) putEmbeddings(model string, embeddings []store.Embedding) (changed int) {
	for _, e := range embeddings {
		p := m.posts[e.PostID]
		if p == nil || p.gone || store.TextHash(p.post.Text()) != e.Hash || e.Hash == "" {
			continue
		}
		k := embeddingKey{model, e.PostID}
		if old, ok := m.embeddings[k]; ok && old.Hash == e.Hash && slices.Equal(old.Vector, e.Vector) {
			continue
		}
		changed++
		m.embeddings[k] = e
	}
	return changed
}

// texts returns what waits to be embedded, newest posts first.
func (m *model) texts(model string) []store.Text {
	texts := []store.Text{}
	for id, p := range m.posts {
		text := p.post.Text()
		hash := store.TextHash(text)
		if e := m.embeddings[embeddingKey{model, id}]; !p.gone && text != "" && e.Hash != hash {
			texts = append(texts, store.Text{PostID: id, Hash: hash, Text: text})
		}
	}
	slices.SortFunc(texts, func(a, b store.Text) int {
		byTime := m.posts[b.PostID].post.CreatedAt.Compare(m.posts[a.PostID].post.CreatedAt)
		return cmp.Or(byTime, cmp.Compare(b.PostID, a.PostID))
	})
	return texts
}

func (m *model) putPage(p store.Page) (changed int) {
	pass := m.passes[p.Endpoint]
	if pass == nil {
		pass = &modelPass{known: m.known(p.Endpoint), seen: map[int64]bool{}}
		m.passes[p.Endpoint] = pass
	}
	pass.page = p.Number
	for _, post := range p.Posts {
		pass.seen[post.ID] = true
	}
	for _, user := range p.Users {
		pass.seen[user.ID] = true
	}
	for _, id := range p.Seen {
		pass.seen[id] = true
	}
	return m.putPosts(p.Posts, true) + m.putUsers(p.Users, true) + m.putInteractions(p.Interactions)
}

func (m *model) known(endpoint string) (n int) {
	if endpoint == store.EndpointPosts {
		for _, p := range m.posts {
			if p.upstream && !p.gone {
				n++
			}
		}
		return n
	}
	for _, u := range m.users {
		if u.upstream && !u.gone {
			n++
		}
	}
	return n
}

// endPass is for posts and users.
func (m *model) endPass(endpoint string) (r store.PassResult) {
	pass := m.passes[endpoint]
	delete(m.passes, endpoint)
	if pass == nil {
		return store.PassResult{Known: m.known(endpoint)}
	}
	r = store.PassResult{Known: pass.known, Returned: len(pass.seen), Proof: 2*len(pass.seen) >= pass.known}
	look := func(id int64, gone *bool, upstream bool, missed *int) {
		switch {
		case *gone:
		case pass.seen[id]:
			*missed = 0
		case upstream && r.Proof:
			r.Missing++
			if *missed++; *missed == 2 {
				r.Hidden++
				*gone = true
			}
		}
	}
	if endpoint == store.EndpointPosts {
		for id, p := range m.posts {
			look(id, &p.gone, p.upstream, &p.missed)
		}
		return r
	}
	for id, u := range m.users {
		look(id, &u.gone, u.upstream, &u.missed)
	}
	return r
}

func (m *model) reset() {
	fresh := newModel()
	fresh.names, fresh.ids, fresh.subjects = m.names, m.ids, m.subjects
	for id := range m.users { // a local id is never given twice
		fresh.users[id] = &modelUser{User: catalog.User{ID: id}, gone: true}
	}
	*m = *fresh
}
