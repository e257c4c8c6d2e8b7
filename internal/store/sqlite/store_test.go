package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"resonance/internal/store/sqlite"
	"resonance/internal/store/storetest"
)

func TestContract(t *testing.T) { storetest.Run(t, open) }

func open(t *testing.T, dir string, now func() time.Time) storetest.Store {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "store.db"), sqlite.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return db
}
