package graph_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"resonance/graph"
	"resonance/internal/caller"
)

const watching = `subscription { feedUpdated(username: "ann", first: 2) { edges { node { databaseId } } hasNextPage } }`

func pushed(ids ...int) string {
	edges := make([]string, len(ids))
	for i, id := range ids {
		edges[i] = fmt.Sprintf(`{"node":{"databaseId":%d}}`, id)
	}
	return `{"data":{"feedUpdated":{"edges":[` + strings.Join(edges, ",") + `],"hasNextPage":true}}}`
}

func next(id, response string) string {
	return `{"id":"` + id + `","type":"next","payload":` + response + `}`
}

// hide takes the first post out of all feeds.
func (s *site) hide() {
	s.change(func() { s.posts = slices.Clone(s.posts[1:]) })
}

func TestAFeedIsPushedOverAWebSocket(t *testing.T) {
	s := serve(t, settings{})
	defer s.close()
	c := s.begin(nil)
	c.subscribe("a", watching)
	c.expect(next("a", pushed(1, 2)))
	s.hide()
	c.expect(next("a", pushed(2, 3)))
	c.send(message{Type: "ping", Payload: map[string]int{"n": 1}})
	c.expect(`{"type":"pong","payload":{"n":1}}`)
	c.subscribe("b", `{ post(id: 3) { databaseId } }`) // queries come over it too
	c.expect(next("b", `{"data":{"post":{"databaseId":3}}}`))
	c.expect(`{"id":"b","type":"complete"}`)
	c.send(message{ID: "a", Type: "complete"})
	s.hide()
	c.subscribe("a", watching) // the id is free again
	c.expect(next("a", pushed(3, 4)))
	long := strings.Repeat("x", 255)
	c.subscribe(long, watching)
	c.expect(next(long, pushed(3, 4)))
	c.Close(websocket.StatusNormalClosure, "")
}

func TestAFeedIsPushedAsEvents(t *testing.T) {
	s := serve(t, settings{})
	defer s.close()
	get, _ := http.NewRequest(http.MethodGet, "http://site/graphql?query="+url.QueryEscape(watching), nil) // what EventSource sends
	for name, open := range map[string]func() *events{
		"POST": func() *events { return s.stream(watching) },
		"GET":  func() *events { return s.send(get, "Accept", "text/event-stream") },
		"what urql sends": func() *events {
			return s.stream(watching, "Accept", "application/graphql-response+json, application/json, text/event-stream, multipart/mixed")
		},
	} {
		e := open()
		if e.StatusCode != http.StatusOK || e.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" || e.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", name, e.StatusCode, e.Header)
		}
		first := s.posts[0].ID
		e.expect("next " + pushed(int(first), int(first+1)))
		s.hide()
		e.expect("next " + pushed(int(first+1), int(first+2)))
	}
}

func TestOneAnswerComesAsEventsToo(t *testing.T) {
	s := serve(t, settings{})
	defer s.close()
	for query, want := range map[string]string{
		`{ post(id: 3) { databaseId } }`:                                          `next {"data":{"post":{"databaseId":3}}}`,
		`mutation { deletePosts(input: {ids: [7]}) { missingIds } }`:              `next {"data":{"deletePosts":{"missingIds":[]}}}`,
		`{ feed(username: "") { id } }`:                                           `next {"errors":[{"message":"username: must not be empty","path":["feed"],"locations":[{"line":1,"column":3}],"extensions":{"code":"BAD_USER_INPUT"}}],"data":null}`,
		`subscription { feedUpdated(username: "") { edges { cursor } } }`:         `next {"errors":[{"message":"username: must not be empty","path":["feedUpdated"],"locations":[{"line":1,"column":16}],"extensions":{"code":"BAD_USER_INPUT"}}]}`,
		`subscription { feedUpdated(username: "a") { __typename @skip(if: 1) } }`: `next {"errors":[{"message":"Boolean cannot represent a non boolean value: 1","locations":[{"line":1,"column":66}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`,
	} {
		e := s.stream(query)
		if e.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", query, e.StatusCode)
		}
		e.expect(want)
		e.expect("complete")
		e.expect("")
	}
	// Who prefers JSON gets it.
	e := s.stream(`{ post(id: 3) { databaseId } }`, "Accept", "application/json, text/event-stream")
	if body := e.body(); body != `{"data":{"post":{"databaseId":3}}}` {
		t.Error(body)
	}
}

func TestASubscriptionTakesAStream(t *testing.T) {
	got := ask(t, newHandler(newWorld()), watching, "")
	if got.Status != http.StatusNotAcceptable || got.code(t) != "BAD_REQUEST" || got.Data != nil || !strings.Contains(got.Body, "text/event-stream") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

func TestAMutationIsNotStreamedByGet(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/graphql?query="+url.QueryEscape(`mutation { deletePosts(input: {ids: [1]}) { deletedIds } }`), nil)
	r.Header.Set("Accept", "text/event-stream")
	if got := send(t, newHandler(newWorld()), r); got.Status != http.StatusMethodNotAllowed || got.code(t) != "BAD_REQUEST" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

// An event carries all that a page of the same feed does, and its cursors go on there.
func TestCursorsOfAPushGoOnInTheConnection(t *testing.T) {
	s := serve(t, settings{})
	defer s.close()
	e := s.stream(`subscription { feedUpdated(username: "ann", first: 2) ` + everyField(schema(), "FeedUpdatedPayload") + `}`)
	var event struct {
		Data struct {
			FeedUpdated struct {
				Edges []struct {
					Reasons, Parts []any
					Cursor         string
				}
			}
		}
	}
	text := strings.TrimPrefix(e.next(), "next ")
	if err := json.Unmarshal([]byte(text), &event); err != nil || len(event.Data.FeedUpdated.Edges) != 2 || len(event.Data.FeedUpdated.Edges[0].Reasons) == 0 || len(event.Data.FeedUpdated.Edges[0].Parts) == 0 {
		t.Fatalf("%v: %.500s", err, text)
	}
	page := s.stream(`{ feedConnection(username: "ann", first: 1, after: "`+event.Data.FeedUpdated.Edges[1].Cursor+`") { edges { node { databaseId } } } }`, "Accept", "application/json")
	if body := page.body(); body != `{"data":{"feedConnection":{"edges":[{"node":{"databaseId":3}}]}}}` {
		t.Error(body)
	}
}

// Who breaks the protocol is told by the code that it gives for it.
func TestTheProtocolIsKept(t *testing.T) {
	s := serve(t, settings{})
	defer s.close()
	for name, test := range map[string]struct {
		begun bool
		send  []string
		code  websocket.StatusCode
	}{
		"subscribes first":     {false, []string{`{"id":"a","type":"subscribe","payload":{"query":"{ topics { id } }"}}`}, 4401},
		"no JSON":              {false, []string{`connection_init`}, 4400},
		"no type":              {true, []string{`{}`}, 4400},
		"two values":           {true, []string{`{"type":"ping"}{"type":"ping"}`}, 4400},
		"an unknown type":      {true, []string{`{"type":"start"}`}, 4400},
		"a server's type":      {true, []string{`{"type":"next","id":"a"}`}, 4400},
		"no id":                {true, []string{`{"type":"subscribe","payload":{"query":"{ topics { id } }"}}`}, 4400},
		"no payload":           {true, []string{`{"type":"subscribe","id":"a"}`}, 4400},
		"a long id":            {true, []string{`{"type":"subscribe","id":"` + strings.Repeat("x", 256) + `","payload":{"query":"{ topics { id } }"}}`}, 4400},
		"no UTF-8":             {true, []string{"{\"type\":\"subscribe\",\"id\":\"a\",\"payload\":{\"query\":\"{ topics { id } } # \xff\"}}"}, 4400},
		"a batch":              {true, []string{`{"type":"subscribe","id":"a","payload":[{"query":"{ topics { id } }"}]}`}, 4400},
		"an odd init":          {false, []string{`{"type":"connection_init","payload":[]}`}, 4400},
		"an odd authorization": {false, []string{`{"type":"connection_init","payload":{"authorization":1}}`}, 4400},
		"a second init":        {true, []string{`{"type":"connection_init"}`}, 4429},
		"an id twice": {true, []string{
			`{"id":"a","type":"subscribe","payload":{"query":"subscription { feedUpdated(username: \"ann\") { __typename } }"}}`,
			`{"id":"a","type":"subscribe","payload":{"query":"{ topics { id } }"}}`}, 4409},
	} {
		t.Run(name, func(t *testing.T) {
			c := s.open()
			if test.begun {
				c = s.begin(nil)
			}
			c.t = t
			for _, text := range test.send {
				c.write(text)
			}
			c.expectClose(test.code)
		})
	}
	s.open("Protocol", "graphql-ws").expectClose(4406)
	binary := s.begin(nil)
	binary.Write(t.Context(), websocket.MessageBinary, []byte(`{"type":"ping"}`))
	binary.expectClose(4400)
}

func TestWhatIsNoOperationIsAnError(t *testing.T) {
	s := serve(t, settings{})
	defer s.close()
	c := s.begin(nil)
	for query, code := range map[string]string{
		"": "BAD_REQUEST", "{": "GRAPHQL_PARSE_FAILED", "{ gone }": "GRAPHQL_VALIDATION_FAILED",
		`subscription { feedUpdated(username: "") { __typename } }`:                                                  "BAD_USER_INPUT",
		`subscription { feedUpdated(username: "a", first: 101) { __typename } }`:                                     "BAD_USER_INPUT",
		`subscription { feedUpdated(username: "a") @skip(if: true) { __typename } }`:                                 "GRAPHQL_VALIDATION_FAILED",
		`subscription { __typename }`:                                                                                "GRAPHQL_VALIDATION_FAILED",
		`subscription { a: feedUpdated(username: "a") { __typename } b: feedUpdated(username: "a") { __typename } }`: "GRAPHQL_VALIDATION_FAILED",
	} {
		c.subscribe("x", query)
		c.expectError("x", code)
	}
	c.subscribe("x", `{ topics { name } }`) // and the connection lives on
	c.expect(next("x", `{"data":{"topics":[{"name":"Roses"},{"name":"Late Night"}]}}`))
	c.Close(websocket.StatusNormalClosure, "")
}

func TestAPanicIsInternal(t *testing.T) {
	s := serve(t, settings{})
	defer s.close()
	c, e := s.begin(nil), s.stream(watching)
	c.subscribe("a", watching)
	c.expect(next("a", pushed(1, 2)))
	e.expect("next " + pushed(1, 2))
	s.change(func() { s.panic = "secret" })
	for _, got := range []string{c.next(), e.next()} {
		if !strings.Contains(got, `"code":"INTERNAL"`) || strings.Contains(got, "secret") {
			t.Error(got)
		}
	}
	c.expect(`{"id":"a","type":"complete"}`)
	e.expect("complete")
	c.subscribe("a", watching)
	c.expectError("a", "INTERNAL")
	c.CloseNow()
}

// What a key may do it may do over what stays open, and no more.
func TestKeysHoldOverStreams(t *testing.T) {
	all, allLine, _ := caller.NewKey([]string{"write"}, nil)
	reader, readerLine, _ := caller.NewKey([]string{"read"}, nil)
	garden, gardenLine, _ := caller.NewKey([]string{"read"}, []string{"garden"})
	s := serve(t, settings{keys: strings.Join([]string{allLine, readerLine, gardenLine}, ",")})
	defer s.close()

	for _, payload := range []any{nil, map[string]string{}, map[string]string{"Authorization": "Bearer rsn_WRONG"}, map[string]string{"Authorization": all}} {
		c := s.open()
		c.send(message{Type: "connection_init", Payload: payload})
		c.expectClose(4403)
	}
	if e := s.stream(watching); e.StatusCode != http.StatusUnauthorized || !strings.Contains(e.body(), "UNAUTHENTICATED") {
		t.Errorf("events without a key: %d", e.StatusCode)
	}

	header := s.open("Authorization", "Bearer "+all) // who can send a header may
	header.send(message{Type: "connection_init"})
	header.expect(`{"type":"connection_ack"}`)
	header.CloseNow()

	c := s.begin(map[string]string{"authorization": "Bearer " + reader})
	c.subscribe("a", `mutation { deletePosts(input: {ids: [1]}) { deletedIds } }`)
	c.expectError("a", "FORBIDDEN")
	c.CloseNow()
	if e := s.stream(`mutation { deletePosts(input: {ids: [1]}) { deletedIds } }`, "Authorization", "Bearer "+reader); e.StatusCode != http.StatusForbidden {
		t.Errorf("a mutation as events: %d", e.StatusCode)
	}

	c = s.begin(map[string]string{"Authorization": "Bearer " + garden})
	c.subscribe("a", `subscription { feedUpdated(username: "ann", projectCode: "night") { edges { cursor } } }`)
	c.expectError("a", "FORBIDDEN")
	own := `subscription { feedUpdated(username: "ann") { edges { node { databaseId } } } }`
	c.subscribe("a", own)
	e := s.stream(own, "Authorization", "Bearer "+garden)
	c.expect(next("a", `{"data":{"feedUpdated":{"edges":[{"node":{"databaseId":1}}]}}}`))
	e.expect(`next {"data":{"feedUpdated":{"edges":[{"node":{"databaseId":1}}]}}}`)
	s.change(func() {
		more := *fullPost()
		more.ID = 500
		s.posts = append(slices.Clone(s.posts), topicPost(501, 0, "Late Night"), &more)
	})
	c.expect(next("a", `{"data":{"feedUpdated":{"edges":[{"node":{"databaseId":1}},{"node":{"databaseId":500}}]}}}`))
	e.expect(`next {"data":{"feedUpdated":{"edges":[{"node":{"databaseId":1}},{"node":{"databaseId":500}}]}}}`)
	c.CloseNow()
}

func TestPagesOfOtherSitesOpenNoStreams(t *testing.T) {
	s := serve(t, settings{origins: []string{"https://app.test"}})
	defer s.close()
	for origin, want := range map[string]int{"https://evil.test": 403, "https://app.test": 200, "http://site": 200, "": 200} {
		conn, response, err := s.tryOpen("Origin", origin)
		if (err == nil) != (want == 200) || err != nil && response.StatusCode != want {
			t.Errorf("a WebSocket from %q: %v", origin, err)
		}
		if conn != nil {
			conn.CloseNow()
		}
		get, _ := http.NewRequest(http.MethodGet, "http://site/graphql?query="+url.QueryEscape(watching), nil)
		e := s.send(get, "Accept", "text/event-stream", "Origin", origin)
		if e.StatusCode != want {
			t.Errorf("events from %q: %d", origin, e.StatusCode)
		}
	}
}

// What documents may ask for is the same whichever way they come.
func TestLimitsOfDocumentsHoldOverStreams(t *testing.T) {
	trusted, err := graph.ReadTrusted(fstest.MapFS{"live.graphql": {Data: []byte(watching)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, query, code string
		trusted           *graph.Trusted
	}{
		{"cost", `subscription { feedUpdated(username: "ann", first: 100) { edges { node { ` + strings.Repeat("id ", 210) + `} } } }`, "COMPLEXITY_LIMIT", nil},
		{"tokens", `subscription { feedUpdated(username: "ann", first: 1) { edges { node { ` + strings.Repeat("id ", 1000) + `} } } }`, "COMPLEXITY_LIMIT", nil},
		{"bytes", watching + "#" + strings.Repeat("x", 32<<10), "COMPLEXITY_LIMIT", nil},
		{"aliases", `subscription { feedUpdated(username: "ann") { ` + strings.Repeat("a: __typename ", 31) + `} }`, "COMPLEXITY_LIMIT", nil},
		{"directives", `subscription { feedUpdated(username: "ann") { ` + strings.Repeat("__typename @skip(if: false) ", 31) + `} }`, "COMPLEXITY_LIMIT", nil},
		{"depth", `{ __schema { types { ` + strings.Repeat("ofType { ", 18) + "name" + strings.Repeat(" }", 21), "COMPLEXITY_LIMIT", nil},
		{"not trusted", `{ topics { id } }`, "FORBIDDEN", trusted},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := serve(t, settings{trusted: test.trusted})
			defer s.close()
			c, e := s.begin(nil), s.stream(test.query)
			c.subscribe("a", test.query)
			c.expectError("a", test.code)
			if got := e.next(); !strings.Contains(got, `"code":"`+test.code+`"`) || strings.Contains(got, `"data"`) {
				t.Error(got)
			}
			e.expect("complete")
			c.CloseNow()
			if s.calls.Load() != 0 {
				t.Error("work was done before the refusal")
			}
		})
	}
}

func TestPersistedDocumentsOverAWebSocket(t *testing.T) {
	s := serve(t, settings{})
	defer s.close()
	c := s.begin(nil)
	extensions := map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": fmt.Sprintf("%x", sha256.Sum256([]byte(watching)))}}
	c.send(message{"a", "subscribe", map[string]any{"extensions": extensions}})
	c.expectError("a", "PERSISTED_QUERY_NOT_FOUND")
	c.send(message{"a", "subscribe", map[string]any{"extensions": extensions, "query": watching}})
	c.expect(next("a", pushed(1, 2)))
	c.send(message{"b", "subscribe", map[string]any{"extensions": extensions}})
	c.expect(next("b", pushed(1, 2)))
	c.CloseNow()
}

func TestOperationsOverAWebSocketAreBounded(t *testing.T) {
	s := serve(t, settings{})
	defer s.close()
	c := s.begin(nil)
	for n := range 50 {
		c.subscribe(fmt.Sprint(n), watching)
		c.next()
	}
	c.subscribe("one more", watching)
	c.expectError("one more", "RATE_LIMITED")
	c.send(message{ID: "7", Type: "complete"})
	c.subscribe("one more", watching)
	c.expect(next("one more", pushed(1, 2)))
	c.CloseNow()
}

// Of a key or address, and of all together; what ends makes room.
func TestSubscriptionsAreBounded(t *testing.T) {
	const each = 500
	key, line, _ := caller.NewKey([]string{"read"}, nil)
	other, otherLine, _ := caller.NewKey([]string{"read"}, nil)
	third, thirdLine, _ := caller.NewKey([]string{"read"}, nil)
	s := serve(t, settings{keys: line + "," + otherLine + "," + thirdLine})
	defer s.close()
	var open []*socket
	fill := func(key string) *socket {
		var c *socket
		for n := range each {
			if n%50 == 0 {
				c = s.begin(map[string]string{"Authorization": "Bearer " + key})
				open = append(open, c)
			}
			c.subscribe(fmt.Sprint(n), watching)
			c.expect(next(fmt.Sprint(n), pushed(1, 2)))
		}
		return c
	}
	first := fill(key)
	c := s.begin(map[string]string{"Authorization": "Bearer " + key})
	c.subscribe("one more", watching)
	c.expectError("one more", "RATE_LIMITED")
	if e := s.stream(watching, "Authorization", "Bearer "+key); e.StatusCode != http.StatusTooManyRequests || !strings.Contains(e.body(), "RATE_LIMITED") {
		t.Errorf("one more as events: %d", e.StatusCode)
	}
	first.send(message{ID: fmt.Sprint(each - 1), Type: "complete"})
	first.subscribe("again", watching)
	first.expect(next("again", pushed(1, 2)))

	fill(other)
	if e := s.stream(watching, "Authorization", "Bearer "+third); e.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one more than all: %d", e.StatusCode)
	}
	c.CloseNow()
	for _, c := range open {
		c.CloseNow()
	}
}

func TestMessagesAreBounded(t *testing.T) {
	s := serve(t, settings{})
	defer s.close()
	ping := func(size int) string {
		text := `{"type":"ping","payload":{"a":""}}`
		return strings.Replace(text, `""`, `"`+strings.Repeat("x", size-len(text))+`"`, 1)
	}
	c := s.begin(nil)
	c.write(ping(128 << 10))
	if got := c.next(); len(got) != 128<<10 {
		t.Errorf("answered with %d bytes", len(got))
	}
	c.write(ping(128<<10 + 1))
	c.expectClose(websocket.StatusMessageTooBig)
}

// Each operation counts as a request of whoever connection_init named.
func TestTheRateLimitHoldsOverAWebSocket(t *testing.T) {
	key, line, _ := caller.NewKey([]string{"read"}, nil)
	s := serve(t, settings{keys: line, rate: 3})
	defer s.close()
	c := s.begin(map[string]string{"Authorization": "Bearer " + key})
	for range 3 {
		c.subscribe("a", `{ post(id: 3) { databaseId } }`)
		c.next()
		c.next()
	}
	c.subscribe("a", `{ post(id: 3) { databaseId } }`)
	c.expectError("a", "RATE_LIMITED")
	c.CloseNow()
}

// What stays open takes no place of requests in flight, what is asked over it does.
func TestWhatStaysOpenLeavesRoomForRequests(t *testing.T) {
	s := serve(t, settings{inFlight: 1})
	defer s.close()
	c, e := s.begin(nil), s.stream(watching)
	e.next()
	c.subscribe("a", `{ topics { name } }`)
	c.next()
	c.next()
	s.takes = time.Hour
	ctx, giveUp := context.WithCancel(t.Context())
	slow, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://site/graphql?query={topics{name}}", nil)
	gone := make(chan struct{})
	go func() { // takes the only place
		defer close(gone)
		for ctx.Err() == nil { // what is asked below may have it
			if response, err := s.client.Do(slow); err == nil {
				response.Body.Close()
			}
		}
	}()
	for refused := false; !refused; { // until it has
		c.subscribe("b", `{ post(id: 3) { databaseId } }`)
		if refused = strings.Contains(c.next(), "UNAVAILABLE"); !refused {
			c.next()
		}
	}
	giveUp()
	<-gone
	c.CloseNow()
}

// A stop tells those who can connect elsewhere to do so, at once.
func TestTheServerStopsWithStreamsOpen(t *testing.T) {
	s := serve(t, settings{})
	defer s.close()
	c, idle, e := s.begin(nil), s.begin(nil), s.stream(watching)
	c.subscribe("a", watching)
	c.next()
	e.next()
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop() }()
	c.expectClose(websocket.StatusGoingAway)
	idle.expectClose(websocket.StatusGoingAway)
	e.expect("") // without complete
	select {
	case err := <-stopped:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(4 * time.Second):
		t.Error("it waits for streams")
	}
}

// A client that does not begin is sent away after five seconds.
func TestAWebSocketBeginsWithinFiveSeconds(t *testing.T) {
	for after, want := range map[time.Duration]bool{5*time.Second - 1: true, 5*time.Second + 1: false} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(t, settings{memory: true})
			c := s.open()
			if want {
				time.Sleep(after)
				c.send(message{Type: "connection_init"})
				c.expect(`{"type":"connection_ack"}`)
				c.CloseNow()
			} else {
				c.expectClose(4408)
			}
			if err := s.stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A client that does not read is cut off: nothing is kept for it.
func TestAClientThatDoesNotReadIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, settings{memory: true})
		c, e := s.begin(nil), s.stream(watching)
		c.subscribe("a", watching)
		c.next()
		e.next()
		if n := s.hub.Watchers(); n != 2 {
			t.Fatalf("%d watch", n)
		}
		s.hide()
		time.Sleep(9 * time.Second)
		if n := s.hub.Watchers(); n != 2 {
			t.Errorf("after 9 s %d watch", n)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := s.hub.Watchers(); n != 0 {
			t.Errorf("after 11 s %d watch", n)
		}
		c.CloseNow()
		e.Body.Close()
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
}

// A client that shows no life is cut off, though nothing is pushed to it.
func TestAWebSocketWithoutLifeIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, settings{memory: true})
		c := s.begin(nil)
		c.subscribe("a", watching)
		c.next()
		for after, watchers := range []int{1, 1, 0} { // the first ping comes after 15 s, and waits 10 s
			synctest.Wait()
			if n := s.hub.Watchers(); n != watchers {
				t.Errorf("after %d times 13 s %d watch", after, n)
			}
			time.Sleep(13 * time.Second)
		}
		c.CloseNow()
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
}

// A sign of life comes every fifteen seconds, for hours: no timeout of requests ends a stream.
func TestStreamsStayAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, settings{memory: true})
		e, c := s.stream(watching), s.begin(nil)
		c.subscribe("a", watching)
		c.next()
		e.next()
		comments := make(chan int)
		go func() {
			n := 0
			for e.lines.Scan() && !strings.HasPrefix(e.lines.Text(), "event") {
				if e.lines.Text() == ":" {
					n++
				}
			}
			comments <- n
		}()
		type push struct{ text string }
		pushes := make(chan push, 1)
		go func() {
			_, text, _ := c.Read(t.Context()) // answers pings meanwhile
			pushes <- push{string(text)}
		}()
		time.Sleep(time.Hour)
		s.hide()
		if n := <-comments; n < 239 || n > 240 {
			t.Errorf("%d signs of life in an hour", n)
		}
		if p := <-pushes; p.text != next("a", pushed(2, 3)) {
			t.Errorf("after an hour %q", p.text)
		}
		c.CloseNow()
		e.Body.Close()
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
}

// Of a key or address, and of all together.
func TestWebSocketsAreBounded(t *testing.T) {
	keys, lines := make([]string, 3), make([]string, 3)
	for i := range keys {
		keys[i], lines[i], _ = caller.NewKey([]string{"read"}, nil)
	}
	s := serve(t, settings{keys: strings.Join(lines, ","), memory: true})
	defer s.close()
	var last *socket
	refused := func(key string) {
		t.Helper()
		if _, response, err := s.tryOpen("Authorization", "Bearer "+key); err == nil || response.StatusCode != http.StatusTooManyRequests {
			t.Errorf("one more: %v", err)
		}
	}
	for _, key := range keys[:2] {
		for range 500 {
			last = s.open("Authorization", "Bearer "+key)
			last.send(message{Type: "connection_init"})
			last.expect(`{"type":"connection_ack"}`)
			defer last.CloseNow()
		}
		refused(key)
	}
	refused(keys[2])
	last.Close(websocket.StatusNormalClosure, "")
	for { // until the server has seen that
		if conn, _, err := s.tryOpen("Authorization", "Bearer "+keys[2]); err == nil {
			conn.CloseNow()
			return
		}
	}
}
