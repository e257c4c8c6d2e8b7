package storetest

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

func local(id int64) bool { return id >= catalog.LocalUserID }

func (m *model) owner(username string) *modelUser {
	for _, u := range m.users {
		if username != "" && u.Username == username {
			return u
		}
	}
	return nil
}

func (m *model) newLocalID() int64 {
	id := int64(catalog.LocalUserID)
	for taken := range m.users {
		id = max(id, taken+1)
	}
	return id
}

func (m *model) putUsers(users []catalog.User, upstream bool) (changed int) {
	for _, u := range users {
		if m.putUser(u, upstream && !local(u.ID)) {
			changed++
		}
	}
	return changed
}

func (m *model) putUser(u catalog.User, upstream bool) bool {
	owner := m.owner(u.Username)
	if m.subject(u.Username, u.ID) != 0 {
		return m.stayForgotten(u, owner)
	}
	if owner != nil && owner.ID != u.ID {
		switch {
		case local(u.ID) && !local(owner.ID):
			return false
		case local(u.ID):
			u.ID = owner.ID
		case local(owner.ID):
			*owner = modelUser{User: catalog.User{ID: owner.ID}, gone: true}
			m.storeUser(u, upstream)
			m.moveEvents(owner.ID, u.ID)
			return true
		default:
			owner.Username, owner.missed = "", 0
			m.storeUser(u, upstream)
			return true
		}
	}
	return m.storeUser(u, upstream)
}

func (m *model) storeUser(u catalog.User, upstream bool) bool {
	old := m.users[u.ID]
	if old != nil && local(u.ID) && old.Username != "" && u.Username != "" && old.Username != u.Username {
		u.ID, old = m.newLocalID(), nil
	}
	if old == nil {
		m.users[u.ID] = &modelUser{User: u, upstream: upstream}
		return true
	}
	if u.Username == "" {
		u.Username = old.Username
	}
	if old.User == u && !old.gone {
		old.upstream = old.upstream || upstream
		return false
	}
	*old = modelUser{User: u, upstream: upstream || old.upstream && !old.gone}
	return true
}

func (m *model) moveEvents(from, to int64) {
	m.events = slices.DeleteFunc(m.events, func(e *modelEvent) bool {
		twin := *e
		twin.user = to
		return e.user == from && e.key == "" && m.find(&twin) != nil
	})
	for _, e := range m.events {
		if e.user == from {
			e.user = to
		}
	}
	m.moveWithdrawn(from, to)
}

// find returns the event with the identity of e.
func (m *model) find(e *modelEvent) *modelEvent {
	for _, old := range m.events {
		if old.key != e.key {
			continue
		}
		if e.key != "" || old.user == e.user && old.post == e.post && old.kind == e.kind && old.at.Equal(e.at) {
			return old
		}
	}
	return nil
}

func (m *model) forget(username string) (deleted int, known bool) {
	u := m.owner(username)
	if u == nil {
		return 0, m.names[username] != 0
	}
	m.subjects++
	m.remember(m.subjects, u.User)
	return m.erase(u), true
}

// subject returns the number of the forgotten person of this name or id, 0 for none.
func (m *model) subject(username string, id int64) int { return cmp.Or(m.names[username], m.ids[id]) }

func (m *model) remember(subject int, u catalog.User) {
	if u.Username != "" {
		m.names[u.Username] = cmp.Or(m.names[u.Username], subject)
	}
	if !local(u.ID) {
		m.ids[u.ID] = cmp.Or(m.ids[u.ID], subject)
	}
}

func (m *model) unforget(username string) (known bool) {
	subject := m.names[username]
	maps.DeleteFunc(m.names, func(_ string, s int) bool { return s == subject })
	maps.DeleteFunc(m.ids, func(_ int64, s int) bool { return s == subject })
	return subject != 0
}

func (m *model) erase(u *modelUser) (deleted int) {
	before := len(m.events)
	m.events = slices.DeleteFunc(m.events, func(e *modelEvent) bool { return e.user == u.ID })
	m.dropWithdrawn(u.ID)
	*u = modelUser{User: catalog.User{ID: u.ID}, gone: true}
	return before - len(m.events)
}

func (m *model) stayForgotten(u catalog.User, owner *modelUser) (changed bool) {
	subject := m.subject(u.Username, u.ID)
	if owner != nil && owner.ID != u.ID && !local(owner.ID) {
		u.Username = ""
	}
	m.remember(subject, u)
	if u.Username != "" {
		if owner != nil {
			m.erase(owner)
			changed = true
		}
	}
	if local(u.ID) {
		return changed
	}
	if old := m.users[u.ID]; old != nil && (!old.gone || old.upstream) {
		m.erase(old)
		changed = true
	}
	return changed
}

func (m *model) putInteractions(interactions []interaction.Interaction) (changed int) {
	type incoming struct {
		*modelEvent
		named bool
	}
	var last []incoming // one of each identity
	for _, i := range interactions {
		u := m.resolve(i)
		if u == nil {
			continue
		}
		e := incoming{&modelEvent{i.Key, u.ID, i.PostID, i.Kind, i.Value, i.At}, i.Username != ""}
		at := slices.IndexFunc(last, func(o incoming) bool { return (&model{events: []*modelEvent{o.modelEvent}}).find(e.modelEvent) != nil })
		if at < 0 {
			last = append(last, e)
		} else {
			last[at] = e
		}
	}
	for _, e := range last {
		old := m.find(e.modelEvent)
		if old != nil && *old == *e.modelEvent {
			continue
		}
		if m.covered(e.modelEvent) {
			if old != nil {
				changed++
				m.events = slices.DeleteFunc(m.events, func(e *modelEvent) bool { return e == old })
			}
			continue
		}
		changed++
		if e.named && !syncs(e.key) {
			m.welcome(m.users[e.user])
		}
		if old != nil {
			*old = *e.modelEvent
		} else {
			m.events = append(m.events, e.modelEvent)
		}
	}
	return changed
}

// resolve returns the user of an interaction, created if need be; nil for a forgotten one.
func (m *model) resolve(i interaction.Interaction) *modelUser {
	u := m.users[i.UserID]
	if i.Username != "" {
		u = m.owner(i.Username)
	}
	if u != nil && (!u.gone || u.upstream) {
		return u
	}
	if m.names[i.Username] != 0 || i.Username == "" && m.ids[i.UserID] != 0 {
		return nil
	}
	u = &modelUser{User: catalog.User{ID: i.UserID}}
	if i.Username != "" {
		u.User = catalog.User{ID: m.newLocalID(), Username: i.Username}
	}
	m.users[u.ID] = u
	return u
}

// syncs reports whether key is of the form that sync gives.
func syncs(key string) bool {
	for _, kind := range interaction.Kinds() {
		if id, ok := strings.CutPrefix(key, kind.String()+":"); ok && id != "" && strings.Trim(id, "0123456789") == "" {
			return true
		}
	}
	return false
}
