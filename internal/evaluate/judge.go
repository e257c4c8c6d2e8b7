package evaluate

import (
	"resonance/internal/evaluate/protocol"
	"resonance/internal/metric"
)

// newBelow is how many users of training must have touched a post for it to be an old one. Of
// fewer, what others did tells little.
const newBelow = 5

// Figures are one system's on one list, each 0..1 but Novelty, which is in bits.
type Figures struct {
	NDCG, HitRate, Recall float64
	Reciprocal            float64 // of the place of the first relevant post; its mean is MRR
	Novelty               float64
	NewShare              float64 // of the posts served, those that fewer than 5 users of training had touched
	NDCGNew, NDCGOld      float64 // with only the new or the old ones of the relevant posts; -1: there is none
}

// judge measures an answer to a list.
func judge(r ranked, l *protocol.List, t *training, k int) Figures {
	relevant := metric.NewSet(l.Relevant...)
	f := Figures{
		NDCG:    metric.NDCGAt(k, r.Top, relevant),
		HitRate: metric.HitRateAt(k, r.Top, relevant),
		Recall:  metric.RecallAt(k, r.Top, relevant),
		Novelty: metric.Novelty(r.Top, func(item int64) int { return t.touched[item] }, t.users),
	}
	if r.Place > 0 {
		f.Reciprocal = 1 / float64(r.Place)
	}
	isNew := func(item int64) bool { return t.touched[item] < newBelow }
	for _, item := range r.Top {
		if isNew(item) {
			f.NewShare += 1 / float64(len(r.Top))
		}
	}
	fresh, old := metric.NewSet[int64](), metric.NewSet[int64]()
	for _, item := range l.Relevant {
		if isNew(item) {
			fresh[item] = struct{}{}
		} else {
			old[item] = struct{}{}
		}
	}
	f.NDCGNew, f.NDCGOld = ndcgOrNone(k, r.Top, fresh), ndcgOrNone(k, r.Top, old)
	return f
}

// ndcgOrNone is metric.NDCGAt, or -1 when nothing is relevant.
func ndcgOrNone(k int, top []int64, relevant metric.Set[int64]) float64 {
	if len(relevant) == 0 {
		return -1
	}
	return metric.NDCGAt(k, top, relevant)
}
