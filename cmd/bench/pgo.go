package main

import (
	"context"
	"errors"
	"path/filepath"
)

// guided compares a product that a profile guided the compiler of with one that none did.
func guided(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title: "Profile-guided optimisation", header: loadHeader,
		intro: "`GET /feed` over 8 connections, in turn, from a product built with a profile of 30 s of every kind of request, and from one built with `-pgo=off`.",
	}
	profile := filepath.Join(b.work, "default.pgo")
	if err := makeProfile(ctx, b, profile); err != nil {
		return s, err
	}
	with, without := filepath.Join(b.work, "guided"), filepath.Join(b.work, "unguided")
	if err := errors.Join(buildProduct(ctx, with, "-pgo="+profile), buildProduct(ctx, without, "-pgo=off")); err != nil {
		return s, err
	}
	store, err := b.mainStore(ctx)
	if err != nil {
		return s, err
	}
	sides := []side{{name: "with the profile", requests: feedRequests(store.users)}, {name: "without", requests: feedRequests(store.users)}}
	for i, binary := range []string{with, without} {
		if sides[i].process, err = b.serveBinary(ctx, binary, store.path); err != nil {
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
