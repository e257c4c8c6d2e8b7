package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"resonance/internal/demo"
	"resonance/internal/store/sqlite"
)

// Settings of a store that say where its rows come from.
const (
	originKey  = "origin"
	originDemo = "demo" // the demo catalogue, whole
	originReal = "real" // upstream or an import

	demoSinceKey = "demo_since" // RFC 3339: what the demo's times are counted from; set while demo rows may be there
)

// claimForReal prepares the store for real rows: the demo catalogue leaves first, with
// everything that was done on it.
func claimForReal(ctx context.Context, db *sqlite.DB) error {
	release, err := awaitLease(ctx, db, originKey) // a demo that is being loaded is loaded first
	if err != nil {
		return err
	}
	defer release()
	since, _, err := db.Setting(ctx, demoSinceKey)
	if err != nil {
		return fmt.Errorf("read the demo's start: %w", err)
	}
	if since != "" {
		if err := db.Reset(ctx); err != nil {
			return fmt.Errorf("remove the demo catalogue: %w", err)
		}
		if err := db.SetSetting(ctx, demoSinceKey, ""); err != nil {
			return fmt.Errorf("clear the demo's start: %w", err)
		}
	}
	if err := db.SetSetting(ctx, originKey, originReal); err != nil {
		return fmt.Errorf("write the store's origin: %w", err)
	}
	return nil
}

// loadDemo fills a store that never held anything with the demo catalogue. A load that died
// half-way is completed with the same rows, since what its times are counted from is written
// first. Of several processes one loads and the others wait for it.
func loadDemo(ctx context.Context, db *sqlite.DB) error {
	release, err := awaitLease(ctx, db, originKey)
	if err != nil {
		return err
	}
	defer release()
	origin, _, err := db.Setting(ctx, originKey)
	if err != nil || origin != "" {
		return err
	}
	since, err := demoSince(ctx, db)
	if err != nil {
		return err
	}
	data := demo.Load(since)
	if _, err := db.PutUsers(ctx, data.Users); err != nil {
		return fmt.Errorf("load demo users: %w", err)
	}
	if _, err := db.PutPosts(ctx, data.Posts); err != nil {
		return fmt.Errorf("load demo posts: %w", err)
	}
	if _, err := db.PutInteractions(ctx, data.Interactions); err != nil {
		return fmt.Errorf("load demo interactions: %w", err)
	}
	return db.SetSetting(ctx, originKey, originDemo)
}

// demoSince returns the moment that the demo's times are counted from: now, the first time.
func demoSince(ctx context.Context, db *sqlite.DB) (time.Time, error) {
	text, _, err := db.Setting(ctx, demoSinceKey)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the demo's start: %w", err)
	}
	if text != "" {
		return time.Parse(time.RFC3339, text)
	}
	now := time.Now().UTC().Truncate(time.Second)
	return now, db.SetSetting(ctx, demoSinceKey, now.Format(time.RFC3339))
}

// awaitLease waits for the lease called name; release gives it back.
func awaitLease(ctx context.Context, db *sqlite.DB, name string) (release func(), err error) {
	const life, retry = 30 * time.Second, 100 * time.Millisecond
	holder := rand.Text()
	for {
		held, err := db.Lease(ctx, name, holder, life)
		if err != nil {
			return nil, fmt.Errorf("take the lease %s: %w", name, err)
		}
		if held {
			return func() {
				// Where this fails, the lease ends by itself.
				_ = db.ReleaseLease(context.WithoutCancel(ctx), name, holder)
			}, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(retry):
		}
	}
}
