package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"resonance/internal/config"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/learn"
	"resonance/internal/recommend"
	"resonance/internal/replica"
	"resonance/internal/store"
)

// door is one replica and its routes.
type door struct {
	*service
	routes   http.Handler
	embedder embedder
}

// openDoor opens a service whose clock stands after everything that happens, so that the time of an
// answer is the store's.
func openDoor(t *rapid.T, path string, environ []string) *door {
	settings, err := config.Load(append([]string{"DATABASE_URL=sqlite:" + path}, environ...), "")
	ok(t, err)
	s, err := (&program{settings: settings, log: zerolog.Nop()}).open(t.Context())
	ok(t, err)
	d := &door{service: s}
	d.embedder, err = s.newEmbedder()
	ok(t, err)
	s.replica.Close()
	s.replica, err = replica.New(s.db, s.cache, d.embedder.Model(), func() time.Time { return time.Now().Add(time.Hour) })
	ok(t, err)
	s.engine = recommend.New(s.replica).Searching(s.db, s.queries)
	s.teacher.Replica = s.replica
	d.routes = s.handler(t.Context().Done())
	t.Cleanup(s.close)
	return d
}

// words serves embeddings: each word is a direction.
func words(t *testing.T) (url string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Input []string }
		var answer struct {
			Data []map[string]any `json:"data"`
		}
		_ = json.NewDecoder(r.Body).Decode(&asked) // it is our own client's
		for n, input := range asked.Input {
			vector := make([]float32, 16)
			vector[0] = .1
			for word := range strings.FieldsSeq(input) {
				hash := fnv.New32()
				_, _ = hash.Write([]byte(word))
				vector[hash.Sum32()%16]++
			}
			answer.Data = append(answer.Data, map[string]any{"index": n, "embedding": vector})
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// send sends a request and returns its answer.
func (d *door) send(t *rapid.T, who asker, method, path string, body any) (status int, answer []byte) {
	t.Helper()
	encoded, err := json.Marshal(body)
	ok(t, err)
	r := httptest.NewRequestWithContext(t.Context(), method, path, bytes.NewReader(encoded))
	r.Header.Set("Authorization", "Bearer "+who.key)
	r.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	d.routes.ServeHTTP(recorder, r)
	return recorder.Code, recorder.Body.Bytes()
}

// query asks GraphQL and returns the code of its error, "" for none.
func (d *door) query(t *rapid.T, who asker, document string, variables map[string]any, data any) (code string) {
	t.Helper()
	_, body := d.send(t, who, http.MethodPost, "/graphql", map[string]any{"query": document, "variables": variables})
	var answer struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	ok(t, json.Unmarshal(body, &answer))
	if len(answer.Errors) > 0 {
		return answer.Errors[0].Extensions.Code
	}
	ok(t, json.Unmarshal(answer.Data, data))
	return ""
}

// must is query for what has to be answered.
func (d *door) must(t *rapid.T, who asker, document string, variables map[string]any, data any) {
	t.Helper()
	if code := d.query(t, who, document, variables, data); code != "" {
		t.Fatalf("%s with %v: %s", document, variables, code)
	}
}

type outcome struct {
	status string // ACCEPTED, DUPLICATE or the code of an error
	at     time.Time
}

const recordMutation = `mutation ($input: RecordInteractionsInput!) { recordInteractions(input: $input) { results { status code interaction { at } } } }`

// record tells deeds to GraphQL or REST.
func (d *door) record(t *rapid.T, who asker, deeds []deed, overREST bool) []outcome {
	t.Helper()
	names := map[string]string{"post": "postId", "key": "idempotencyKey"}
	if overREST {
		names = map[string]string{"post": "post_id", "key": "idempotency_key"}
	}
	rows := make([]map[string]any, len(deeds))
	for n, deed := range deeds {
		rows[n] = map[string]any{"username": deed.user, names["post"]: deed.post, "kind": deed.kind, "value": deed.value}
		if !overREST {
			rows[n]["kind"] = strings.ToUpper(deed.kind)
		}
		if !deed.at.IsZero() {
			rows[n]["at"] = deed.at
		}
		if deed.key != "" {
			rows[n][names["key"]] = deed.key
		}
	}
	var answer struct {
		Results []struct {
			Status, Code string
			Interaction  *struct{ At time.Time }
		}
	}
	if overREST {
		status, body := d.send(t, who, http.MethodPost, "/interactions", rows)
		if status != http.StatusOK || json.Unmarshal(body, &answer) != nil {
			t.Fatalf("%v: %d %s", rows, status, body)
		}
	} else {
		var data struct{ RecordInteractions any }
		data.RecordInteractions = &answer
		d.must(t, who, recordMutation, map[string]any{"input": map[string]any{"interactions": rows}}, &data)
	}
	outcomes := make([]outcome, len(answer.Results))
	for n, r := range answer.Results {
		if outcomes[n].status = strings.ToUpper(r.Status); r.Code != "" {
			outcomes[n].status = r.Code
		}
		if r.Interaction != nil {
			outcomes[n].at = r.Interaction.At
		}
	}
	return outcomes
}

func (d *door) remove(t *rapid.T, who asker, a about, at time.Time) (removed int, code string) {
	t.Helper()
	var data struct {
		RemoveInteraction struct{ RemovedInteractions int }
	}
	input := map[string]any{"username": a.user, "postId": a.post, "kind": strings.ToUpper(a.kind)}
	if !at.IsZero() {
		input["at"] = at
	}
	code = d.query(t, who, `mutation ($input: RemoveInteractionInput!) { removeInteraction(input: $input) { removedInteractions } }`, map[string]any{"input": input}, &data)
	return data.RemoveInteraction.RemovedInteractions, code
}

func (d *door) sync(t *rapid.T, row deed) {
	t.Helper()
	kind, err := interaction.ParseKind(row.kind)
	ok(t, err)
	_, err = d.db.PutInteractions(t.Context(), []interaction.Interaction{{
		Key: row.key, Username: row.user, PostID: int64(row.post), Kind: kind, Value: *row.value, At: row.at,
	}})
	ok(t, err)
}

func (d *door) upsert(t *rapid.T, who asker, id int, p *ledgerPost) {
	t.Helper()
	category := []string{"Bread", "Stars", "Cats"}[id%3]
	d.must(t, who, `mutation ($post: PostInput!) { upsertPosts(input: {posts: [$post]}) { created } }`, map[string]any{"post": map[string]any{
		"id": id, "title": fmt.Sprintf("%s of number %d", strings.ToLower(category), id%7), "author": authorOf(id), "category": category,
		"projectCode": p.project, "isAvailableInPublicFeed": p.public, "createdAt": moments[0].Add(-time.Duration(id) * 7 * time.Hour),
	}}, new(any))
}

func (d *door) delete(t *rapid.T, who asker, id int) {
	t.Helper()
	d.must(t, who, `mutation ($id: ID!) { deletePosts(input: {ids: [$id]}) { deletedIds } }`, map[string]any{"id": id}, new(any))
}

type person struct{ DatabaseID int64 }

// user returns who has a name, nil for nobody.
func (d *door) user(t *rapid.T, who asker, name string) *person {
	t.Helper()
	var data struct{ User *person }
	d.must(t, who, `query ($user: String!) { user(username: $user) { databaseId } }`, map[string]any{"user": name}, &data)
	return data.User
}

func (d *door) embed(t *rapid.T) {
	texts, err := d.db.TextsToEmbed(t.Context(), d.embedder.Model(), 1000)
	ok(t, err)
	inputs, embeddings := make([]string, len(texts)), make([]store.Embedding, len(texts))
	for n, text := range texts {
		inputs[n] = text.Text
	}
	vectors, err := d.embedder.Embed(t.Context(), inputs)
	ok(t, err)
	for n, text := range texts {
		embeddings[n] = store.Embedding{PostID: text.PostID, Hash: text.Hash, Vector: vectors[n]}
	}
	_, err = d.db.PutEmbeddings(t.Context(), d.embedder.Model(), embeddings)
	ok(t, err)
}

func (d *door) snapshot(t *rapid.T) {
	next, err := d.db.Snapshot(t.Context(), 0)
	if err != nil && !errors.Is(err, errs.NotFound) {
		t.Fatal(err)
	}
	ok(t, d.replica.Read(t.Context(), func(v replica.View) error {
		next.Recipe, next.Rows = learn.Begin(learn.Past{Catalog: v.Catalog, Log: v.Log}).String(), learn.Encoded(v.Catalog, v.Crowd)
		next.Sequence, next.Touches = v.Sequence, v.Crowd.Touches()
		return nil
	}))
	_, err = d.db.SaveSnapshot(t.Context(), next)
	ok(t, err)
}
