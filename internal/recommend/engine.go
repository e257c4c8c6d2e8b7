// Package recommend is the pipeline that makes a feed: profile, candidates, rank, rerank, posts and
// reasons. Nothing is computed ahead for a user and no answer is kept: each feed is made from the
// newest events in the store.
package recommend

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"resonance/internal/lambdamart"
	"resonance/internal/learn"
	"resonance/internal/rank"
	"resonance/internal/replica"
	"resonance/internal/rerank"
	"resonance/internal/signal"
)

// Engine answers feeds. Safe for concurrent use.
type Engine struct {
	replica  *replica.Replica
	words    Words    // nil for an engine that does not search
	meanings Meanings // the same
}

// New returns an engine that recommends what the replica holds.
func New(r *replica.Replica) *Engine { return &Engine{replica: r} }

// Feed returns the posts that the user of the request will want next, best first. Posts the user
// has seen fill the feed, least recently seen first, once nothing else is left; the user's own,
// hidden ones and those of other projects never come, nor what the request's filter leaves out. An unknown user gets what is popular and new.
// An error wraps errs.Invalid for a wrong request, errs.Unavailable when the store does not answer.
func (e *Engine) Feed(ctx context.Context, request Request) (feed Feed, err error) {
	if err := request.Check(); err != nil {
		return Feed{}, err
	}
	err = e.replica.Read(ctx, func(view replica.View) error {
		feed, err = serve(ctx, view, request)
		return err
	})
	if err != nil {
		return Feed{}, fmt.Errorf("make feed: %w", err)
	}
	return feed, nil
}

func serve(ctx context.Context, view replica.View, request Request) (Feed, error) {
	p := profileOf(view, request.Username, request.Bound)
	audience := newAudience(view.Catalog, p, request.Username)
	defer audience.close()
	audience.scope, audience.rule = view.Catalog.Scope(request.Project), request.rule(view.Catalog)
	desk := desks.Get().(*desk)
	defer desk.clear()
	question, ranking := &desk.question, &desk.ranking
	if err := ask(ctx, view, p, request.Username, audience.scope, question); err != nil {
		return Feed{}, err
	}
	retrieve(view, question, audience, request)
	weights, trees := learnt(view.Model, question.History)
	ranking.Score(question, request.weights(weights), request.trees(trees))
	variety := request.variety(len(question.History))
	variety.Deviation = ranking.Deviation
	front, newcomers := audience.front(question, ranking, request.size(), variety), audience.newcomers(view, question, ranking, variety)
	if err := embed(ctx, view, audience.scope, front, newcomers); err != nil {
		return Feed{}, err
	}
	picks := rerank.Order(front, request.size(), variety)
	if !request.NoExploration {
		picks = explore(view, picks, newcomers, request)
	}
	if !request.ExcludeSeen {
		picks = rerank.Again(picks, audience.again(request.size()-len(picks)))
	}
	feed, err := present(ctx, view, audience, question, ranking, picks, request.Plain)
	feed.Origin = Origin{User: question.User, Model: view.Model.Version, Sequence: view.Sequence}
	feed.More = len(request.Served)+len(picks) < Depth && audience.more(len(picks), request.ExcludeSeen)
	return feed, err
}

// prior are the weights to begin with.
var prior = rank.Prior()

// learnt returns the weights and trees that rank for somebody: those of the model, whose tuning asked only lists of people
// who had touched something. To others nothing that it found applies; they get the weights to begin with.
func learnt(model *learn.Model, history []signal.Touch) (rank.Weights, *lambdamart.Forest) {
	if !slices.ContainsFunc(history, func(t signal.Touch) bool { return t.Seen }) {
		return prior, nil
	}
	return model.Weights, model.Trees
}

// desk is the memory that a feed is made in. Feeds one after the other share it.
type desk struct {
	question signal.Question
	ranking  rank.Ranking
}

var desks = sync.Pool{New: func() any { return new(desk) }}

// clear makes room for the next feed and lets go of the view.
func (d *desk) clear() {
	d.question.Again()
	desks.Put(d)
}
