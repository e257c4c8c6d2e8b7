package main

import (
	"context"
	"errors"
	"path/filepath"
)

// guidingProfile is where the compiler looks for the profile that guides it, from the root of the repository.
const guidingProfile = "cmd/resonance/default.pgo"

// guided compares the product as it is built with one that no profile guides.
func guided(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title: "Profile-guided optimisation", header: loadHeader,
		intro: "`GET /feed` over 8 connections, in turn, from the product as `go build` makes it and built with `-pgo=off`. `.ci/pgo` makes the profile.",
	}
	if !exists(guidingProfile) {
		s.intro += " Not measured: there is no " + guidingProfile + "."
		return s, nil
	}
	plain := filepath.Join(b.work, "unguided")
	if err := buildProduct(ctx, plain, "-pgo=off"); err != nil {
		return s, err
	}
	store, err := b.mainStore(ctx)
	if err != nil {
		return s, err
	}
	users, err := usernames(ctx, store)
	if err != nil {
		return s, err
	}
	sides := []side{{name: "with the profile", requests: feedRequests(users)}, {name: "without", requests: feedRequests(users)}}
	for i, binary := range []string{b.binary, plain} {
		if sides[i].process, err = b.serveBinary(ctx, binary, store); err != nil {
			return s, err
		}
		defer func() { err = errors.Join(err, sides[i].process.stop()) }()
	}
	if err := sides[0].process.until(ctx, idle); err != nil {
		return s, err
	}
	found, err := b.measure(ctx, 8, sides...)
	if err != nil {
		return s, err
	}
	for i, side := range sides {
		s.rows = append(s.rows, loadRow(side.name, found[i].all(), side.process))
	}
	s.claims = []claim{
		{what: "requests/s in proportion to no profile", value: ratio(found[0], found[1], result.perSecond), asked: 1},
		{what: "processor time of a request in proportion to no profile", value: ratio(found[0], found[1], cpuSeconds), asked: 1, atMost: true},
	}
	return s, nil
}

func cpuSeconds(r result) float64 { return r.cpuPerRequest().Seconds() }
