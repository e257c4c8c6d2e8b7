package recommend

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/rank"
	"resonance/internal/replica"
	"resonance/internal/rerank"
	"resonance/internal/signal"
)

// A newcomer is one of the newest posts that fewer than metByFew users have met. The bestNewcomers
// highest of a user's ranking have a chance in the user's feed.
const (
	metByFew      = 5
	bestNewcomers = 2
)

// oddsDraws is how many draws the odds of an exploration are estimated from: a likelihood of a half is
// known to a fortieth.
const oddsDraws = 400

// explore gives newcomers their chance. What it draws is a function of user, store sequence and
// model, so every replica draws the same.
func explore(view replica.View, picks []rerank.Pick, newcomers []rerank.Newcomer, request Request) []rerank.Pick {
	if len(newcomers) == 0 {
		return picks
	}
	of := func(c rerank.Candidate) rerank.Trial { return trial(view, c.Ordinal) }
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(request.Username)) // never fails
	random := rand.NewPCG(hash.Sum64(), uint64(view.Sequence)<<16^uint64(view.Model.Version))
	everyone := rerank.Trial{Likes: view.Log.Everyone().Liking(), Views: view.Crowd.Touches()}
	if !request.Odds {
		return rerank.Explore(picks, newcomers, of, everyone, random)
	}
	before := slices.Clone(picks)
	shown := rerank.Explore(picks, newcomers, of, everyone, random)
	rerank.Odds(before, shown, newcomers, of, everyone, random, oddsDraws)
	return shown
}

// newcomers returns the newcomers among the candidates that are ranked highest.
func (a *audience) newcomers(view replica.View, q *signal.Question, ranking *rank.Ranking, o rerank.Options) []rerank.Newcomer {
	var best []rerank.Newcomer
	youngest := view.Now - int64(view.Model.Recipe.Settings.FreshDays*24*60*60*1000)
	for i := range q.Sheet().Since(youngest) {
		if math.IsInf(ranking.Scores[i], -1) {
			continue
		}
		post := q.Candidates[i]
		if view.Crowd.Audience(post) >= metByFew {
			continue
		}
		c := a.candidate(q, ranking, i)
		c.Score -= o.Ignored(c.Ignored)
		full := len(best) == bestNewcomers
		if full && !c.Before(best[len(best)-1].Candidate) {
			continue
		}
		if full {
			best = best[:bestNewcomers-1]
		}
		best = append(best, rerank.Newcomer{Candidate: c, Trial: trial(view, post)})
		slices.SortFunc(best, func(a, b rerank.Newcomer) int {
			if a.Before(b.Candidate) {
				return -1
			}
			return 1
		})
	}
	return best
}

func trial(view replica.View, o catalog.Ordinal) rerank.Trial {
	totals := view.Log.Totals(view.Catalog.Entry(o).ID)
	return rerank.Trial{Likes: totals.Liking(), Views: max(view.Crowd.Audience(o), int(totals.Events[interaction.Impression]))}
}
