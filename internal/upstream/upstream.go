// Package upstream reads the API that resonance copies its posts, users and interactions from.
//
// A Client fetches one page of one endpoint at a time and decodes it row by row: a row that
// can't be read is returned beside the good ones and never stops the page. Only what the product
// keeps leaves the decoder; e-mail addresses, login times and referral data do not.
//
// What the API answers, with every oddity known, is written down in the tests, one named test an
// oddity.
package upstream

import (
	"fmt"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

// Endpoint is one of the six lists that upstream serves. Its text names the list in a store's
// checkpoint and in messages.
type Endpoint string

// The endpoints.
const (
	Posts    Endpoint = "posts"
	Users    Endpoint = "users"
	Views    Endpoint = "view"
	Likes    Endpoint = "like"
	Inspires Endpoint = "inspire"
	Ratings  Endpoint = "rating"
)

// Endpoints returns every endpoint in the order in which a sync best reads them: the users and
// posts that interactions name come first.
func Endpoints() []Endpoint { return []Endpoint{Users, Posts, Views, Likes, Inspires, Ratings} }

// route is where an endpoint is found and how its rows are written.
type route struct {
	path    string
	array   string           // key of the rows in the envelope
	kind    interaction.Kind // 0 for posts and users
	timeKey string           // key of an interaction's time
}

func (e Endpoint) route() (route, bool) {
	switch e {
	case Posts:
		return route{path: "/posts/summary/get", array: "posts"}, true
	case Users:
		return route{path: "/users/get_all", array: "users"}, true
	case Views:
		return route{path: "/posts/view", array: "posts", kind: interaction.View, timeKey: "viewed_at"}, true
	case Likes:
		return route{path: "/posts/like", array: "posts", kind: interaction.Like, timeKey: "liked_at"}, true
	case Inspires:
		return route{path: "/posts/inspire", array: "posts", kind: interaction.Inspire, timeKey: "inspired_at"}, true
	case Ratings:
		return route{path: "/posts/rating", array: "posts", kind: interaction.Rating, timeKey: "rated_at"}, true
	}
	return route{}, false
}

// Page is one page of an endpoint. Posts fills Posts and Users fills Users. An interaction
// endpoint fills Interactions; asked without the algorithm secret it answers with whole posts that
// name no user, which fill Posts instead.
type Page struct {
	Endpoint     Endpoint
	Number       int // 1-based, as asked
	Posts        []catalog.Post
	Users        []catalog.User
	Interactions []interaction.Interaction
	Unreadable   []RowError

	Rows        int    // rows received, readable or not
	MaxRows     int    // rows a full page holds
	Fingerprint uint64 // of the rows' ids: equal for two pages that hold the same rows
}

// Last reports whether no page follows: the page is empty or shorter than a full one.
func (p *Page) Last() bool { return p.Rows == 0 || p.Rows < p.MaxRows }

// RowError says why a row could not be read. Its text holds no value of the row but the id.
type RowError struct {
	Endpoint Endpoint
	ID       int64 // 0 when the id could not be read either
	Reason   string
}

func (e RowError) Error() string {
	if e.ID == 0 {
		return fmt.Sprintf("%s row without a readable id: %s", e.Endpoint, e.Reason)
	}
	return fmt.Sprintf("%s row %d: %s", e.Endpoint, e.ID, e.Reason)
}
