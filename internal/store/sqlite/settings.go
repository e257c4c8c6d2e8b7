package sqlite

import (
	"context"
	"fmt"
	"time"
)

// Setting returns the value stored under key, and whether there is one.
func (db *DB) Setting(ctx context.Context, key string) (value string, ok bool, err error) {
	err = db.lend(ctx, func(c *conn) (err error) {
		ok, err = c.first(ctx, "SELECT value FROM settings WHERE key = ?", []any{key}, &value)
		return err
	})
	if err != nil {
		return "", false, fmt.Errorf("read setting %s: %w", key, err)
	}
	return value, ok, nil
}

// SetSetting stores value under key. It is no change of the data: the sequence stays.
func (db *DB) SetSetting(ctx context.Context, key, value string) error {
	err := db.write(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
		return err
	})
	if err != nil {
		return fmt.Errorf("write setting %s: %w", key, err)
	}
	return nil
}

// MakeSetting stores value under key unless something is stored there, and returns what is: the
// same for every process, whoever came first.
func (db *DB) MakeSetting(ctx context.Context, key, value string) (kept string, err error) {
	err = db.write(ctx, func(ctx context.Context, t *tx) error {
		if _, err := t.exec(ctx, "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO NOTHING", key, value); err != nil {
			return err
		}
		_, err := t.first(ctx, "SELECT value FROM settings WHERE key = ?", []any{key}, &kept)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("make setting %s: %w", key, err)
	}
	return kept, nil
}

// Lease takes the lease called name for ttl from now, or renews it if holder has it; false says
// that another holder has it and it has not run out. All processes share the system's clock.
func (db *DB) Lease(ctx context.Context, name, holder string, ttl time.Duration) (ok bool, err error) {
	err = db.write(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, `INSERT INTO leases VALUES (?1, ?2, ?4) ON CONFLICT (name) DO UPDATE
			SET holder = excluded.holder, expires_at = excluded.expires_at WHERE holder = ?2 OR expires_at <= ?3`,
			name, holder, t.now, t.now+ttl.Milliseconds())
		ok = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("lease %s: %w", name, err)
	}
	return ok, nil
}

// ReleaseLease gives up the lease called name if holder has it.
func (db *DB) ReleaseLease(ctx context.Context, name, holder string) error {
	err := db.write(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "DELETE FROM leases WHERE name = ? AND holder = ?", name, holder)
		return err
	})
	if err != nil {
		return fmt.Errorf("release lease %s: %w", name, err)
	}
	return nil
}
