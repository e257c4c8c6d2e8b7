package sqlite

import "time"

// Most of what a lone recording costs is its commit: three quarters of the processor time, and an fsync.
// Where recordings come from many sides, one that is held back a moment meets others and shares theirs.
const (
	holdStep  = 2 * time.Millisecond // as long as another came in the step before,
	holdSteps = 4                    // so many of them at most
	company   = 16                   // drafts that share a commit well enough, held back or not

	longestDoubt = 256 // commits between two trials, where nobody comes
)

// pace says whether holding a commit back is worth it here and now, by whether anybody came the last time: who records
// one thing after the other over one connection waits for company once in 256 commits. The zero value is ready.
type pace struct {
	doubt int // commits that are not held back after a trial in vain, 0 after one that was not
	left  int // of them
	last  int // drafts of the last commit
}

// holds reports whether the next commit is to be held back.
func (p *pace) holds() bool {
	if p.left > 0 {
		p.left--
		return false
	}
	return true
}

// held tells whether somebody came while a commit was held back.
func (p *pace) held(came bool) {
	if came {
		p.doubt = 0
		return
	}
	p.doubt = min(max(1, 2*p.doubt), longestDoubt)
	p.left = p.doubt
}

// gather waits for others to join those that wait, if there are any, as long as that is worth it. One goroutine
// at a time calls it.
func (g *group) gather() {
	drafts := g.drafts()
	if drafts == 0 || max(drafts, g.pace.last) >= company || !g.pace.holds() {
		return
	}
	came := false
	for range holdSteps {
		time.Sleep(holdStep)
		before := drafts
		if drafts = g.drafts(); drafts == before {
			break
		}
		if came = true; drafts >= company {
			break
		}
	}
	g.pace.held(came)
}
