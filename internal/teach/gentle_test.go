package teach

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Work that asks its context now and then takes a third of the time, and learns of its end.
func TestGentleWorkRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended, end := context.WithCancel(t.Context())
		ctx, began := gently(ended), time.Now()
		for range 1000 {
			time.Sleep(stretch / 4) // what work takes, on the bubble's clock
			if err := ctx.Err(); err != nil {
				t.Fatal(err)
			}
		}
		if took, want := time.Since(began), (1+resting)*250*stretch; took != want {
			t.Errorf("%v of work took %v, want %v", 250*stretch, took, want)
		}
		end()
		if err := ctx.Err(); !errors.Is(err, context.Canceled) {
			t.Errorf("after the end: %v", err)
		}
	})
}
