package sqlite

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"resonance/internal/catalog"
	"resonance/internal/errs"
)

// Forget deletes a user with everything about them and returns how many interactions that were.
// Salted hashes of the username and of upstream's id stay, so that no later write brings the
// user back; the bare id stays as a mark that lets readers drop it. Forgetting again deletes 0.
// The error wraps errs.NotFound for a username never seen. Posts are not the user's data: those
// that a forgotten user wrote stay.
func (db *DB) Forget(ctx context.Context, username string) (deleted int64, err error) {
	err = db.write(ctx, func(ctx context.Context, t *tx) error {
		u, err := t.userByName(ctx, username)
		if err != nil {
			return err
		}
		if u.ID == 0 {
			if subject, err := t.subject(ctx, nameHash(t.salt, username)); subject != 0 || err != nil {
				return err
			}
			return fmt.Errorf("%w: there is no user of that name", errs.NotFound)
		}
		deleted, err = t.forget(ctx, u)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget user %q: %w", username, err)
	}
	return deleted, nil
}

// Unforget lets a forgotten user back in, under any name and id that the same person was known by,
// with nothing that was done before. The error wraps errs.NotFound for a user who is not forgotten.
func (db *DB) Unforget(ctx context.Context, username string) error {
	err := db.write(ctx, func(ctx context.Context, t *tx) error {
		subject, err := t.subject(ctx, nameHash(t.salt, username))
		if err == nil && subject == 0 {
			err = fmt.Errorf("%w: no user of that name was forgotten", errs.NotFound)
		}
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, "DELETE FROM forgotten WHERE subject = ?", subject)
		return err
	})
	if err != nil {
		return fmt.Errorf("let user %q back in: %w", username, err)
	}
	return nil
}

// Forgotten reports whether username has been forgotten.
func (db *DB) Forgotten(ctx context.Context, username string) (bool, error) {
	return db.forgotten(ctx, func(salt []byte) []byte { return nameHash(salt, username) })
}

// ForgottenID reports whether the upstream user id has been forgotten.
func (db *DB) ForgottenID(ctx context.Context, id int64) (bool, error) {
	return db.forgotten(ctx, func(salt []byte) []byte { return idHash(salt, id) })
}

func (db *DB) forgotten(ctx context.Context, hash func(salt []byte) []byte) (found bool, err error) {
	err = db.lend(ctx, func(c *conn) error {
		var salt []byte
		if any, err := c.first(ctx, "SELECT salt FROM state WHERE id = 1 AND EXISTS (SELECT 1 FROM forgotten)", nil, &salt); !any || err != nil {
			return err
		}
		subject, err := c.subject(ctx, hash(salt))
		found = subject != 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look for a forgotten user: %w", err)
	}
	return found, nil
}

func nameHash(salt []byte, username string) []byte { return keyedHash(salt, "name:"+username) }

func idHash(salt []byte, id int64) []byte {
	return keyedHash(salt, string(binary.BigEndian.AppendUint64([]byte("id:"), uint64(id))))
}

func keyedHash(salt []byte, text string) []byte {
	h := hmac.New(sha256.New, salt)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// subject returns the number of the forgotten person with this hash, 0 if there is none.
func (c *conn) subject(ctx context.Context, hash []byte) (subject int64, err error) {
	_, err = c.first(ctx, "SELECT subject FROM forgotten WHERE hash = ?", []any{hash}, &subject)
	return subject, err
}

// forget deletes what is known of u, and remembers the hashes under a new subject.
func (t *tx) forget(ctx context.Context, u userRow) (deleted int64, err error) {
	var subject int64
	if _, err := t.first(ctx, "SELECT coalesce(max(subject), 0) + 1 FROM forgotten", nil, &subject); err != nil {
		return 0, err
	}
	if err := t.rememberForgotten(ctx, subject, u.User); err != nil {
		return 0, err
	}
	return t.erase(ctx, u)
}

// rememberForgotten keeps the hashes of u's name and upstream id under subject.
func (t *tx) rememberForgotten(ctx context.Context, subject int64, u catalog.User) error {
	var hashes [][]byte
	if u.Username != "" {
		hashes = append(hashes, nameHash(t.salt, u.Username))
	}
	if !isLocal(u.ID) {
		hashes = append(hashes, idHash(t.salt, u.ID))
	}
	for _, hash := range hashes {
		if _, err := t.exec(ctx, "INSERT OR IGNORE INTO forgotten VALUES (?, ?, ?)", hash, subject, t.now); err != nil {
			return err
		}
	}
	return nil
}

// erase deletes the events of u and everything of u but the id.
func (t *tx) erase(ctx context.Context, u userRow) (deleted int64, err error) {
	if !u.gone {
		if err := t.addEvents(ctx, u.ID, -1); err != nil {
			return 0, err
		}
	}
	if _, err := t.first(ctx, "SELECT count(*) FROM interactions WHERE user_id = ?", []any{u.ID}, &deleted); err != nil {
		return 0, err
	}
	if err := t.removeEvents(ctx, "a.user_id = ?", u.ID); err != nil {
		return 0, err
	}
	for _, statement := range []string{"DELETE FROM withdrawn WHERE user_id = ?", "DELETE FROM spent WHERE user_id = ?", "DELETE FROM snapshot_rows WHERE user_id = ?"} {
		if _, err := t.exec(ctx, statement, u.ID); err != nil {
			return 0, err
		}
	}
	if err := t.dropKept(ctx); err != nil {
		return 0, err
	}
	t.addUser(&u, -1)
	t.erased = true
	return deleted, t.writeUser(ctx, userRow{User: catalog.User{ID: u.ID}, gone: true})
}

// stayForgotten reports whether u is a forgotten person, known by name or by upstream id. If so
// it sees to it that both stay forgotten, with what was written under either meanwhile. A name
// that another upstream user has is not taken from that user.
func (t *tx) stayForgotten(ctx context.Context, u catalog.User) (forgotten, changed bool, err error) {
	subject, err := t.forgottenSubject(ctx, u.Username, u.ID)
	if subject == 0 || err != nil {
		return false, false, err
	}
	owner, err := t.userByName(ctx, u.Username)
	if err != nil {
		return true, false, err
	}
	if owner.ID != 0 && owner.ID != u.ID && !isLocal(owner.ID) {
		u.Username, owner = "", userRow{}
	}
	if err := t.rememberForgotten(ctx, subject, u); err != nil {
		return true, false, err
	}
	leaving := []userRow{owner}
	if owner.ID != u.ID && !isLocal(u.ID) {
		byID, err := t.userByID(ctx, u.ID)
		if err != nil {
			return true, false, err
		}
		leaving = append(leaving, byID)
	}
	for _, old := range leaving {
		if old.ID == 0 || old.marks() {
			continue
		}
		changed = true
		if _, err := t.erase(ctx, old); err != nil {
			return true, false, err
		}
	}
	return true, changed, nil
}

// forgottenSubject returns the forgotten person who has this name or upstream id, 0 for none.
func (t *tx) forgottenSubject(ctx context.Context, username string, id int64) (subject int64, err error) {
	none, err := t.isEmpty(ctx, &t.noneForgotten, "SELECT NOT EXISTS (SELECT 1 FROM forgotten)")
	if none || err != nil {
		return 0, err
	}
	if subject, err = t.subject(ctx, nameHash(t.salt, username)); subject != 0 || err != nil {
		return subject, err
	}
	return t.subject(ctx, idHash(t.salt, id))
}
