package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// graphql compares feed, with every field of the documented JSON, with the same schema answered from a constant.
func graphql(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title: "GraphQL", header: loadHeader,
		intro: "`feed` with every field of the documented JSON, ten posts, against gqlgen with the same schema and a resolver that returns ten posts of this store without looking.",
	}
	store, err := b.mainStore(ctx)
	if err != nil {
		return s, err
	}
	product, err := b.serve(ctx, store.path)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, product.stop()) }()
	document, err := b.somePosts(ctx, store.path)
	if err != nil {
		return s, err
	}
	constant, err := b.launchSelf(ctx, graphRole, document)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, constant.stop()) }()
	if err := product.until(ctx, idle); err != nil {
		return s, err
	}
	requests := make([][]byte, len(store.users))
	for i, name := range store.users {
		requests[i] = graphFeed(name)
	}
	sides := []side{{"resonance", product, requests}, {"a constant", constant, requests}}
	for _, connections := range []int{1, 8} {
		found, err := b.measure(ctx, connections, sides...)
		if err != nil {
			return s, err
		}
		for i, side := range sides {
			s.rows = append(s.rows, loadRow(fmt.Sprintf("%s, %s", side.name, overConnections(connections)), found[i].all(), side.process))
		}
		if connections == 8 {
			s.claims = append(s.claims, claim{what: "requests/s of 8 connections in proportion to the constant's", value: ratio(found[0], found[1], result.perSecond), asked: .7, floor: .1})
		}
	}
	return s, nil
}

// somePosts writes ten posts of a store to a file.
func (b *bench) somePosts(ctx context.Context, store string) (file string, err error) {
	var posts []string
	err = query(ctx, store, "SELECT document FROM documents ORDER BY post_id DESC LIMIT 10", func(scan func(...any) error) error {
		var post string
		err := scan(&post)
		posts = append(posts, post)
		return err
	})
	if err != nil {
		return "", err
	}
	file = filepath.Join(b.work, "posts.json")
	return file, os.WriteFile(file, []byte("["+strings.Join(posts, ",")+"]"), 0o600)
}

// graphFeed returns a request for every field of a user's feed.
func graphFeed(username string) []byte {
	body, _ := json.Marshal(map[string]any{"query": wholeFeed, "variables": map[string]any{"u": username}}) // strings always encode
	return appendPost(nil, "/graphql", body)
}
