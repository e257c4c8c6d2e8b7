package main

import (
	"context"
	"errors"
	"fmt"
)

// driver measures the bench itself: no server can seem faster than one that does nothing.
func driver(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title: "The driver's own ceiling", header: loadHeader,
		intro: "a server that answers 12 KB without work. Server and driver share the processors here as everywhere below, so this is what the driver leaves.",
	}
	p, err := b.launchSelf(ctx, constantRole, "")
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	for _, connections := range []int{1, 8, 64} {
		found, err := b.measure(ctx, connections, side{"a constant", p, [][]byte{get("/feed?username=nobody")}})
		if err != nil {
			return s, err
		}
		s.rows = append(s.rows, loadRow(fmt.Sprintf("a constant, %s", overConnections(connections)), found[0].all(), p))
	}
	return s, nil
}
