package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"unicode/utf8"

	"resonance/internal/catalog"
	"resonance/internal/errs"
)

// User returns the user called username; the error wraps errs.NotFound when there is none.
func (db *DB) User(ctx context.Context, username string) (catalog.User, error) {
	var u userRow
	err := db.lend(ctx, func(c *conn) (err error) {
		u, err = c.userByName(ctx, username)
		return err
	})
	if err == nil && (u.ID == 0 || u.gone) {
		err = errs.NotFound
	}
	if err != nil {
		return catalog.User{}, fmt.Errorf("read user %q: %w", username, err)
	}
	return u.User, nil
}

// UsersNamed returns the users with these usernames, by username; there are none for unknown ones.
func (db *DB) UsersNamed(ctx context.Context, usernames []string) (users map[string]catalog.User, err error) {
	users = make(map[string]catalog.User, len(usernames))
	err = db.read(ctx, func(ctx context.Context, c *conn) error {
		for _, username := range usernames {
			u, err := c.userByName(ctx, username)
			if err != nil {
				return err
			}
			if u.ID != 0 && !u.gone {
				users[username] = u.User
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %d users: %w", len(usernames), err)
	}
	return users, nil
}

// PutUsers writes users, each replacing the one with its id, and returns how many changed.
//
// A username has one owner. A user under a local id becomes one with the upstream user of the
// same name, and its events follow. Between two upstream ids the newer row owns the name. A
// local id from another store gives way: to the id that the username has here, or to a fresh
// one if it belongs to another username here. An empty username does not take away a known one.
// Forgotten users are dropped.
func (db *DB) PutUsers(ctx context.Context, users []catalog.User) (changed int, err error) {
	err = db.write(ctx, func(ctx context.Context, t *tx) (err error) {
		changed, err = t.putUsers(ctx, users, false)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("put %d users: %w", len(users), err)
	}
	return changed, nil
}

// userRow is a row of users; the zero value says that there is none.
type userRow struct {
	catalog.User
	gone, upstream bool
}

// counts reports whether the user is one of Counts.Users.
func (u *userRow) counts() bool { return u.Username != "" && !u.gone }

// marks reports whether the row is only a mark of a user who left.
func (u *userRow) marks() bool { return u.gone && !u.upstream }

func isLocal(userID int64) bool { return userID >= catalog.LocalUserID }

const (
	selectUser = `SELECT u.id, n.username, coalesce(n.first_name, ''), coalesce(n.last_name, ''), coalesce(n.picture_url, ''), u.gone, u.upstream `
	byUsername = selectUser + "FROM names n JOIN users u ON u.id = n.user_id WHERE n.username = ?"
	byID       = selectUser + "FROM users u LEFT JOIN names n ON n.user_id = u.id WHERE u.id = ?"
)

func (c *conn) userByName(ctx context.Context, username string) (userRow, error) {
	if username == "" {
		return userRow{}, nil
	}
	return c.user(ctx, byUsername, username)
}

func (c *conn) userByID(ctx context.Context, id int64) (userRow, error) {
	return c.user(ctx, byID, id)
}

func (c *conn) user(ctx context.Context, query string, arg any) (userRow, error) {
	var u userRow
	var name sql.NullString
	_, err := c.first(ctx, query, []any{arg}, &u.ID, &name, &u.FirstName, &u.LastName, &u.PictureURL, &u.gone, &u.upstream)
	u.Username = name.String
	return u, err
}

// putUsers writes users; upstream says that upstream itself has sent them.
func (t *tx) putUsers(ctx context.Context, users []catalog.User, upstream bool) (changed int, err error) {
	for _, u := range users {
		if err := checkUser(&u); err != nil {
			return 0, err
		}
		did, err := t.putUser(ctx, u, upstream && !isLocal(u.ID))
		if err != nil {
			return 0, fmt.Errorf("user %d: %w", u.ID, err)
		}
		if did {
			changed++
		}
		if err := t.canceled(); err != nil {
			return 0, err
		}
	}
	return changed, nil
}

func checkUser(u *catalog.User) error {
	if u.ID < 1 || u.ID > catalog.MaxID {
		return fmt.Errorf("%w: id: %d is not in 1..%d", errs.Invalid, u.ID, catalog.MaxID)
	}
	for _, text := range []string{u.Username, u.FirstName, u.LastName, u.PictureURL} {
		if !utf8.ValidString(text) {
			return fmt.Errorf("%w: user %d: names must be UTF-8", errs.Invalid, u.ID)
		}
	}
	return nil
}

func (t *tx) putUser(ctx context.Context, u catalog.User, upstream bool) (changed bool, err error) {
	if forgotten, changed, err := t.stayForgotten(ctx, u); forgotten || err != nil {
		return changed, err
	}
	owner, err := t.userByName(ctx, u.Username)
	if err != nil {
		return false, err
	}
	switch other := owner.ID != 0 && owner.ID != u.ID; {
	case other && isLocal(u.ID) && !isLocal(owner.ID):
		return false, nil // upstream's user stands
	case other && isLocal(u.ID):
		u.ID = owner.ID
	case other:
		return true, t.passName(ctx, owner, u, upstream)
	}
	return t.storeUser(ctx, u, upstream)
}

// passName writes u with the name of owner. A local owner leaves, and its events follow the
// name, which was all it had; an upstream owner stays without a name.
func (t *tx) passName(ctx context.Context, owner userRow, u catalog.User, upstream bool) error {
	t.addUser(&owner, -1)
	owner.Username = ""
	if isLocal(owner.ID) {
		owner = userRow{User: catalog.User{ID: owner.ID}, gone: true}
	}
	if err := t.writeUser(ctx, owner); err != nil {
		return err
	}
	if _, err := t.storeUser(ctx, u, upstream); err != nil {
		return err
	}
	if isLocal(owner.ID) {
		return t.moveEvents(ctx, owner.ID, u.ID)
	}
	return nil
}

// storeUser writes u, whose name no other row owns.
func (t *tx) storeUser(ctx context.Context, u catalog.User, upstream bool) (changed bool, err error) {
	old, err := t.userByID(ctx, u.ID)
	if err != nil {
		return false, err
	}
	if isLocal(u.ID) && old.Username != "" && old.Username != u.Username && u.Username != "" {
		if u.ID, err = t.newLocalID(ctx); err != nil {
			return false, err
		}
		old = userRow{}
	}
	if u.Username == "" {
		u.Username = old.Username
	}
	row := userRow{User: u, upstream: upstream || old.upstream && !old.gone}
	if row == old {
		return false, nil
	}
	if row.User == old.User && !old.gone { // only upstream differs, which nobody sees
		_, err := t.exec(ctx, "UPDATE users SET upstream = 1 WHERE id = ?", u.ID)
		return false, err
	}
	if err := t.writeUser(ctx, row); err != nil {
		return false, err
	}
	t.addUser(&old, -1)
	t.addUser(&row, +1)
	if old.gone {
		return true, t.restampEvents(ctx, u.ID, +1)
	}
	return true, nil
}

func (t *tx) addUser(u *userRow, n int64) {
	if u.counts() {
		t.add(totalUsers, n)
	}
}

const (
	upsertUser = `INSERT INTO users (id, gone, upstream, missed, seq) VALUES (?, ?, ?, 0, ?)
		ON CONFLICT (id) DO UPDATE SET gone = excluded.gone, upstream = excluded.upstream, missed = 0, seq = excluded.seq`
	upsertNames = `INSERT INTO names VALUES (?, ?, ?, ?, ?) ON CONFLICT (user_id) DO UPDATE SET username = excluded.username,
		first_name = excluded.first_name, last_name = excluded.last_name, picture_url = excluded.picture_url`
)

func (t *tx) writeUser(ctx context.Context, u userRow) error {
	if _, err := t.exec(ctx, upsertUser, u.ID, u.gone, u.upstream, t.stamp(userRows)); err != nil {
		return err
	}
	if u.User == (catalog.User{ID: u.ID}) {
		_, err := t.exec(ctx, "DELETE FROM names WHERE user_id = ?", u.ID)
		return err
	}
	name := sql.NullString{String: u.Username, Valid: u.Username != ""}
	_, err := t.exec(ctx, upsertNames, u.ID, name, u.FirstName, u.LastName, u.PictureURL)
	return err
}

var errNoLocalID = errors.New("every local user id is taken")

// newLocalID returns an id for a user whom upstream has not named.
func (t *tx) newLocalID(ctx context.Context) (id int64, err error) {
	_, err = t.first(ctx, "SELECT coalesce(max(id) + 1, ?1) FROM users WHERE id >= ?1", []any{catalog.LocalUserID}, &id)
	if err != nil || id <= catalog.MaxID {
		return id, err
	}
	// Somebody imported the largest id: look for the first gap.
	found, err := t.first(ctx, `SELECT id + 1 FROM users u WHERE id >= ? AND id < ?
		AND NOT EXISTS (SELECT 1 FROM users WHERE id = u.id + 1) ORDER BY id LIMIT 1`, []any{catalog.LocalUserID, catalog.MaxID}, &id)
	if err == nil && !found {
		err = errNoLocalID
	}
	return id, err
}
