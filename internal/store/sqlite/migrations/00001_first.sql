-- +goose Up

-- The one row of numbers that every transaction reads. A transaction that changes a row stamps
-- it with seq + 1; the *_seq columns say when each kind of row last changed.
CREATE TABLE state (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    seq            INTEGER NOT NULL,
    users_seq      INTEGER NOT NULL,
    posts_seq      INTEGER NOT NULL,
    events_seq     INTEGER NOT NULL,
    embeddings_seq INTEGER NOT NULL,
    next_row       INTEGER NOT NULL, -- of interactions, so that a row number is never reused
    derivation     INTEGER NOT NULL, -- of the rules that made the columns of posts from documents
    salt           BLOB    NOT NULL  -- of the hashes of forgotten users
) STRICT;

INSERT INTO state VALUES (1, 0, 0, 0, 0, 0, 1, 0, randomblob(32));

-- Running totals of what is not gone: posts, texts, users, and each kind of event by its name.
CREATE TABLE totals (
    name TEXT PRIMARY KEY,
    n    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What ranking needs of every post, apart from the documents so that a scan stays small.
-- A row with gone = 1 is hidden (upstream = 1) or a mark without a document (upstream = 0).
CREATE TABLE posts (
    id             INTEGER PRIMARY KEY,
    seq            INTEGER NOT NULL,
    gone           INTEGER NOT NULL,
    upstream       INTEGER NOT NULL, -- upstream has sent it, so it can vanish there
    missed         INTEGER NOT NULL, -- complete passes in a row that lacked it
    text_hash      TEXT    NOT NULL, -- '' when there is nothing to embed
    created_at     INTEGER NOT NULL,
    author         TEXT    NOT NULL,
    category       TEXT    NOT NULL,
    topic          TEXT    NOT NULL,
    project        TEXT    NOT NULL,
    public         INTEGER NOT NULL,
    locked         INTEGER NOT NULL,
    comments       INTEGER NOT NULL,
    upvotes        INTEGER NOT NULL,
    views          INTEGER NOT NULL,
    exits          INTEGER NOT NULL,
    ratings        INTEGER NOT NULL,
    shares         INTEGER NOT NULL,
    bookmarks      INTEGER NOT NULL,
    average_rating INTEGER NOT NULL
) STRICT;

CREATE INDEX posts_by_seq ON posts (seq);
CREATE INDEX posts_gone ON posts (id) WHERE gone = 1;

CREATE TABLE documents (
    post_id  INTEGER PRIMARY KEY REFERENCES posts (id),
    document TEXT NOT NULL -- the canonical JSON of a catalog.Post
) STRICT;

-- A row with gone = 1 is hidden (upstream = 1) or a mark without names (upstream = 0).
CREATE TABLE users (
    id       INTEGER PRIMARY KEY,
    gone     INTEGER NOT NULL,
    upstream INTEGER NOT NULL,
    missed   INTEGER NOT NULL,
    seq      INTEGER NOT NULL
) STRICT;

CREATE INDEX users_by_seq ON users (seq);
CREATE INDEX users_gone ON users (id) WHERE gone = 1;

-- All that is personal, apart and without foreign keys so that it can be written anew as a
-- whole: SQLite leaves copies of rows in pages that it split, even with secure_delete.
CREATE TABLE names (
    user_id     INTEGER PRIMARY KEY,
    username    TEXT UNIQUE, -- NULL while nobody has named the user
    first_name  TEXT NOT NULL,
    last_name   TEXT NOT NULL,
    picture_url TEXT NOT NULL
) STRICT;

-- post_id has no foreign key: an event may come before its post.
CREATE TABLE interactions (
    row     INTEGER PRIMARY KEY,
    key     TEXT    NOT NULL, -- '' for none
    user_id INTEGER NOT NULL REFERENCES users (id),
    post_id INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    value   INTEGER NOT NULL, -- -1 for none
    at      INTEGER NOT NULL, -- epoch milliseconds
    synced  INTEGER NOT NULL, -- the key is one that sync gives
    seq     INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX interactions_by_identity ON interactions (user_id, post_id, kind, at, key);
CREATE UNIQUE INDEX interactions_by_key ON interactions (key) WHERE key <> '';
CREATE INDEX interactions_by_seq ON interactions (seq);

-- Marks of interactions that were deleted.
CREATE TABLE removed (
    row INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT;

CREATE INDEX removed_by_seq ON removed (seq);

-- Hashes of usernames and of upstream ids; one person's hashes share a subject.
CREATE TABLE forgotten (
    hash    BLOB PRIMARY KEY,
    subject INTEGER NOT NULL,
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX forgotten_by_subject ON forgotten (subject);

CREATE TABLE models (
    id     INTEGER PRIMARY KEY,
    name   TEXT    NOT NULL UNIQUE,
    queued INTEGER NOT NULL -- rows of waiting
) STRICT;

CREATE TABLE embeddings (
    model   INTEGER NOT NULL REFERENCES models (id),
    post_id INTEGER NOT NULL,
    hash    TEXT    NOT NULL, -- of the text it was made of
    vector  BLOB,             -- little-endian float32; NULL: withdrawn
    seq     INTEGER NOT NULL,
    PRIMARY KEY (model, post_id)
) STRICT;

CREATE INDEX embeddings_by_seq ON embeddings (model, seq);

-- Posts whose present text has no embedding by model.
CREATE TABLE waiting (
    model      INTEGER NOT NULL REFERENCES models (id),
    created_at INTEGER NOT NULL,
    post_id    INTEGER NOT NULL,
    PRIMARY KEY (model, created_at, post_id)
) STRICT, WITHOUT ROWID;

-- Passes under way.
CREATE TABLE passes (
    endpoint   TEXT PRIMARY KEY,
    page       INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    known      INTEGER NOT NULL, -- rows known before it
    returned   INTEGER NOT NULL  -- rows it brought
) STRICT, WITHOUT ROWID;

CREATE TABLE seen (
    endpoint TEXT    NOT NULL,
    id       INTEGER NOT NULL,
    PRIMARY KEY (endpoint, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
    name       TEXT PRIMARY KEY,
    holder     TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down

DROP TABLE settings;
DROP TABLE leases;
DROP TABLE seen;
DROP TABLE passes;
DROP TABLE waiting;
DROP TABLE embeddings;
DROP TABLE models;
DROP TABLE forgotten;
DROP TABLE removed;
DROP TABLE interactions;
DROP TABLE names;
DROP TABLE users;
DROP TABLE documents;
DROP TABLE posts;
DROP TABLE totals;
DROP TABLE state;
