package main

import (
	"context"
	"errors"
	"strings"

	"github.com/google/pprof/profile"
)

// stage is a part of a request, known by the functions it is in. A sample belongs to the first stage that its stack
// enters, from the request inwards; what a stage calls is part of it.
type stage struct {
	name      string
	functions []string // prefixes of their names
}

const (
	engine = "resonance/internal/recommend."
	inner  = "resonance/internal/"
)

// stages in the order of a request.
func stages() []stage {
	return []stage{
		{"prove the copy fresh", []string{inner + "replica.(*Replica).Refresh", inner + "replica.(*Replica).reached"}},
		{"profile", []string{engine + "profileOf", engine + "newAudience", inner + "profile."}},
		{"retrieve", []string{engine + "ask", engine + "retrieve", inner + "candidate.", inner + "vector."}},
		{"score", []string{inner + "rank.", inner + "signal."}},
		{"rerank", []string{inner + "rerank.", engine + "explore", engine + "(*audience).front", engine + "(*audience).newcomers"}},
		{"present", []string{engine + "present", engine + "(*audience).more"}},
		{"encode", []string{inner + "rest.(*api).writeFeed", inner + "rest.appendFeed", inner + "rest.(*writer)"}},
		{"collect garbage", []string{"runtime.gcBgMarkWorker", "runtime.bgsweep", "runtime.bgscavenge"}},
		{"read, route and check the request, write the answer, log and count", []string{"net/http.(*conn).serve", "net/http.(*connReader)"}},
	}
}

// shareOfStages shows where the time of a feed goes.
func shareOfStages(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title: "Stages of a feed", header: []string{"stage", "share of processor time"},
		intro: "a CPU profile of the product under `GET /feed` over 8 connections, each sample given to the first stage that its stack enters.",
	}
	store, err := b.mainStore(ctx)
	if err != nil {
		return s, err
	}
	p, err := b.serveProfiled(ctx, store.path)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	raw, err := p.cpuProfile(ctx, load{connections: 8, duration: 3 * b.roundTime, ask: inTurn(feedRequests(store.users))})
	if err != nil {
		return s, err
	}
	sampled, err := parseProfile(raw)
	if err != nil {
		return s, err
	}
	shares := shareOf(sampled)
	for _, stage := range append(stages(), stage{name: elsewhere}) {
		s.rows = append(s.rows, []string{stage.name, figure(100*shares[stage.name], "%")})
	}
	return s, nil
}

// elsewhere is what belongs to no stage: the scheduler, above all.
const elsewhere = "schedule, and all else"

// shareOf returns the share of each stage in a profile, by name.
func shareOf(p *profile.Profile) map[string]float64 {
	shares, all := map[string]float64{}, 0.0
	for _, sample := range p.Sample {
		value := float64(sample.Value[len(sample.Value)-1])
		shares[stageOf(sample)] += value
		all += value
	}
	for name := range shares {
		shares[name] /= all
	}
	return shares
}

// stageOf returns the stage of a sample. The last one, that of a whole connection, is for what no other has.
func stageOf(sample *profile.Sample) string {
	all := stages()
	found := len(all)
	for i := len(sample.Location) - 1; i >= 0; i-- { // the outermost frame is the last
		for j := len(sample.Location[i].Line) - 1; j >= 0; j-- {
			at := stageAt(all, sample.Location[i].Line[j].Function.Name)
			if at < len(all)-1 {
				return all[at].name
			}
			found = min(found, at)
		}
	}
	if found == len(all) {
		return elsewhere
	}
	return all[found].name
}

func stageAt(all []stage, function string) int {
	for i, s := range all {
		for _, prefix := range s.functions {
			if strings.HasPrefix(function, prefix) {
				return i
			}
		}
	}
	return len(all)
}
