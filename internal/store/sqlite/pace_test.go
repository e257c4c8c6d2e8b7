package sqlite

import (
	"testing"
	"testing/synctest"
	"time"

	"resonance/internal/interaction"
)

// come lets n recordings join a group, one every interval.
func come(g *group, n int, interval time.Duration) {
	for range n {
		time.Sleep(interval)
		g.join(&recording{drafts: make([]interaction.Draft, 1)})
	}
}

// TestCommitsAreHeldBackForCompany follows groups under a steady stream of recordings, a millisecond apart.
func TestCommitsAreHeldBackForCompany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g group
		go come(&g, 100, time.Millisecond)
		commits, taken := 0, 0
		for taken < 100 {
			time.Sleep(time.Millisecond / 2) // a commit
			g.gather()
			if n := len(g.next()); n > 0 {
				commits, taken = commits+1, taken+n
			}
		}
		if commits > 30 {
			t.Errorf("100 recordings a millisecond apart took %d commits", commits)
		}
	})
}

// TestLoneCallersWaitForNobody lets one caller record one thing after the other.
func TestLoneCallersWaitForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g group
		began := time.Now()
		const recordings = 10_000
		for range recordings {
			come(&g, 1, 0)
			g.gather()
			g.next()
		}
		if took, most := time.Since(began), 50*holdStep; took > most {
			t.Errorf("%d recordings were held back for %v in all, want %v at most", recordings, took, most)
		}
	})
}

// TestManyAreNotHeldBack finds enough drafts for one commit waiting.
func TestManyAreNotHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g group
		come(&g, company, 0)
		began := time.Now()
		if g.gather(); time.Since(began) > 0 {
			t.Errorf("%d drafts were held back for %v", company, time.Since(began))
		}
	})
}

// TestNobodyIsNotWaitedFor ends at once when nothing waits to be committed.
func TestNobodyIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g group
		began := time.Now()
		if g.gather(); time.Since(began) > 0 {
			t.Errorf("waited %v", time.Since(began))
		}
	})
}
