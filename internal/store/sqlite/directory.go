package sqlite

import (
	"context"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

// directory finds the users of interactions in one transaction, and creates those it lacks.
type directory struct {
	*tx
	byName map[string]int64
	byID   map[int64]int64
	hidden map[int64]bool // of every user found so far
}

func newDirectory(t *tx) *directory {
	return &directory{tx: t, byName: make(map[string]int64), byID: make(map[int64]int64), hidden: make(map[int64]bool)}
}

// nobody stands for a forgotten user.
const nobody = 0

// find returns the id of the interaction's user, or nobody.
func (d *directory) find(ctx context.Context, i *interaction.Interaction) (id int64, err error) {
	if i.Username != "" {
		id, ok := d.byName[i.Username]
		if !ok {
			if id, err = d.named(ctx, i.Username); err == nil {
				d.byName[i.Username] = id
			}
		}
		return id, err
	}
	id, ok := d.byID[i.UserID]
	if !ok {
		if id, err = d.numbered(ctx, i.UserID); err == nil {
			d.byID[i.UserID] = id
		}
	}
	return id, err
}

// named returns the user called username, created under a local id if need be.
func (d *directory) named(ctx context.Context, username string) (int64, error) {
	u, err := d.userByName(ctx, username)
	if err != nil || u.ID != 0 {
		d.hidden[u.ID] = u.gone
		return u.ID, err
	}
	if subject, err := d.forgottenSubject(ctx, username, nobody); subject != 0 || err != nil {
		return nobody, err
	}
	id, err := d.newLocalID(ctx)
	if err != nil {
		return nobody, err
	}
	return id, d.create(ctx, catalog.User{ID: id, Username: username})
}

// numbered returns the user with this id, created without a name if need be.
func (d *directory) numbered(ctx context.Context, id int64) (int64, error) {
	u, err := d.userByID(ctx, id)
	if err != nil {
		return nobody, err
	}
	if u.ID != 0 && !u.marks() {
		d.hidden[id] = u.gone
		return id, nil
	}
	if subject, err := d.forgottenSubject(ctx, "", id); subject != 0 || err != nil {
		return nobody, err
	}
	return id, d.create(ctx, catalog.User{ID: id})
}

func (d *directory) create(ctx context.Context, u catalog.User) error {
	row := userRow{User: u}
	d.addUser(&row, +1)
	d.hidden[u.ID] = false
	return d.writeUser(ctx, row)
}

// welcome brings back a hidden user: whoever acts here is here, whether upstream still lists the
// user or not.
func (d *directory) welcome(ctx context.Context, userID int64) error {
	if !d.hidden[userID] {
		return nil
	}
	u, err := d.userByID(ctx, userID)
	if err != nil {
		return err
	}
	u.gone, u.upstream = false, false
	d.hidden[u.ID] = false
	d.addUser(&u, +1)
	if err := d.writeUser(ctx, u); err != nil {
		return err
	}
	return d.restampEvents(ctx, u.ID, +1)
}

// isHidden reports whether the user with this id is hidden, found before or not.
func (d *directory) isHidden(ctx context.Context, id int64) (bool, error) {
	hidden, ok := d.hidden[id]
	if ok {
		return hidden, nil
	}
	u, err := d.userByID(ctx, id)
	d.hidden[id] = u.gone
	return u.gone, err
}
