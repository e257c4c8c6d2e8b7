// Package store says what a store keeps and what it promises. internal/store/sqlite keeps it in
// one SQLite file; internal/store/storetest is the contract suite that every store passes.
//
// # Sequence
//
// A store counts its changes. Every transaction that changes a row takes the next sequence
// number and stamps the rows it changed with it; a transaction that changes nothing takes none.
// A reader that has seen everything up to sequence S asks Changes(S) for the rest, so a copy in
// memory is proven fresh by comparing one number, on any number of processes. Rows that leave
// (a vanished post, a forgotten user, a merged one) stay as marks that say so.
//
// # Identity
//
// Posts are identified by id. Users have an id: upstream's, or one from catalog.LocalUserID up
// for a username that upstream has not named. When upstream names a user who exists under a
// local id, the two become one under upstream's id. An interaction is identified by its key, or,
// without one, by user, post, kind and time; putting it again changes its other fields in place.
package store

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

// PostChange is the newest state of a post's features.
type PostChange struct {
	catalog.Features
	Seq  int64
	Gone bool // vanished upstream or deleted: in no answer; Features holds the ID only
}

// UserChange is the newest state of a user.
type UserChange struct {
	ID       int64
	Username string // "" while upstream has not named the user
	Seq      int64
	Gone     bool // vanished, merged or forgotten: none of the user's events under this ID counts
}

// EventChange is the newest state of an interaction, identified by Row.
type EventChange struct {
	Row    int64 // never reused
	UserID int64
	PostID int64 // may be unknown
	Kind   interaction.Kind
	Value  int   // or interaction.NoValue
	At     int64 // epoch milliseconds
	Synced bool  // upstream has sent it, so upstream's counters count it
	Seq    int64
	Gone   bool // removed: it does not count
}

// EmbeddingChange is the newest embedding of a post, of unit norm.
type EmbeddingChange struct {
	PostID int64
	Vector []float32 // valid only until the visitor returns; empty: the post has no embedding any more
	Seq    int64
}

// ChangeVisitor receives changes. Users come before their events, posts before their
// embeddings; within a kind in order of sequence, but for a visit of everything. An error ends the
// visit and is returned.
type ChangeVisitor struct {
	Post      func(PostChange) error
	User      func(UserChange) error
	Event     func(EventChange) error
	Embedding func(EmbeddingChange) error
}

// RowVisitor receives whole rows for an export: users by id (only those with a username), posts
// by id, interactions by (time, user, post, kind, key). An error ends the visit and is returned.
type RowVisitor struct {
	User        func(catalog.User) error
	Post        func(catalog.Post) error
	Interaction func(interaction.Interaction) error
}

// Text is a post's text that waits to be embedded.
type Text struct {
	PostID int64
	Hash   string // of Text; identifies what an embedding was made of
	Text   string
}

// Embedding is the embedding of a post's text.
type Embedding struct {
	PostID int64
	Hash   string // of the text it was made of
	Vector []float32
}

// The endpoints of upstream whose rows can vanish; those of interactions bear the kind's name.
const (
	EndpointPosts = "posts"
	EndpointUsers = "users"
)

// Page is one page of an upstream endpoint; its rows, the ids seen and the place where a
// broken pass resumes are written in one transaction.
type Page struct {
	Endpoint     string // "posts", "users", "view", "like", "inspire", "rating"
	Number       int    // 1-based
	Posts        []catalog.Post
	Users        []catalog.User
	Interactions []interaction.Interaction
	Seen         []int64 // ids of posts or users that upstream showed in rows that can't be read: they are not absent
}

// Checkpoint is where the current pass over an endpoint stands.
type Checkpoint struct {
	Page      int // last page written; 0 when no pass is under way
	StartedAt time.Time
}

// PassResult says what the end of a complete pass changed.
type PassResult struct {
	Known    int  // rows known before the pass
	Returned int  // rows upstream returned in the pass
	Proof    bool // false: under half of the known rows came, so absence proves nothing
	Missing  int  // rows absent in this pass
	Hidden   int  // rows hidden now, having been absent in two complete passes in a row
}

// Counts are totals over everything in the store that has not gone.
type Counts struct {
	Posts        int64
	Users        int64 // with a username
	Interactions int64
	ByKind       map[interaction.Kind]int64
}

// PostEdit is what somebody changes of a post.
type PostEdit struct {
	ID    int64
	Apply func(*catalog.Post) error // given the post as it stands; an error is about the edit
}

// PostsEdited says how many posts an edit made, changed, and found as it would have them.
type PostsEdited struct{ Created, Updated, Unchanged int }

// TextHash identifies a text among those to embed, as 32 hex digits; "" for the empty text,
// which is not embedded.
func TextHash(text string) string {
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// Snapshot is what a model is fitted from. Its version grows with every one that is saved.
type Snapshot struct {
	Version  int64  // to save: of the snapshot that it replaces, 0 for none
	Recipe   string // JSON, see package learn
	MadeAt   time.Time
	ServesAt time.Time // from when on it serves, in every process at once
	Sequence int64     // the state of the store that it holds
	Touches  int
	Rows     map[int64][]byte // by user id, see package learn
	Fit      Fit              // not saved with it, see KeepFit
}

// Fit is what takes longest to find of the model that was fitted from a snapshot.
type Fit struct {
	Kept []byte        // see package learn; nil while nobody has fitted the model
	Took time.Duration // how long that took
}

// Recipe is what models were once made by.
type Recipe struct {
	ID     int64 // grows
	MadeAt time.Time
	Recipe string
}
