package storetest

import (
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
	if m.names[u.Username] || m.ids[u.ID] {
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
		return 0, m.names[username]
	}
	m.names[username] = true
	if !local(u.ID) {
		m.ids[u.ID] = true
	}
	return m.erase(u), true
}

func (m *model) erase(u *modelUser) (deleted int) {
	before := len(m.events)
	m.events = slices.DeleteFunc(m.events, func(e *modelEvent) bool { return e.user == u.ID })
	*u = modelUser{User: catalog.User{ID: u.ID}, gone: true}
	return before - len(m.events)
}

func (m *model) stayForgotten(u catalog.User, owner *modelUser) (changed bool) {
	if owner != nil && owner.ID != u.ID && !local(owner.ID) {
		u.Username = ""
	}
	if u.Username != "" {
		m.names[u.Username] = true
		if owner != nil {
			m.erase(owner)
			changed = true
		}
	}
	if local(u.ID) {
		return changed
	}
	m.ids[u.ID] = true
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
		changed++
		if u := m.users[e.user]; u.gone && e.named && !syncs(e.key) {
			u.gone, u.upstream, u.missed = false, false, 0
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
	if m.names[i.Username] || i.Username == "" && m.ids[i.UserID] {
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
