package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"sync"
	"time"

	"resonance/graph"
	"resonance/internal/catalog"
	"resonance/internal/console"
	"resonance/internal/cursor"
	"resonance/internal/embedding"
	"resonance/internal/errs"
	"resonance/internal/feedlog"
	"resonance/internal/ingest"
	"resonance/internal/learn"
	"resonance/internal/live"
	"resonance/internal/recommend"
	"resonance/internal/replica"
	"resonance/internal/rest"
	"resonance/internal/store/sqlite"
	"resonance/internal/teach"
	"resonance/internal/web"
)

// service is what serving holds, wired together.
type service struct {
	*program
	db      *sqlite.DB
	cache   *embedding.Cache
	queries *embedding.Queries
	replica *replica.Replica
	engine  *recommend.Engine
	hub     *live.Hub
	queue   *ingest.EmbedQueue
	teacher *teach.Teacher
	syncer  *ingest.Syncer // nil: no upstream
	cursors cursor.Signer
	trusted *graph.Trusted // nil: any document may be run
	feedLog *os.File       // nil: feeds are not recorded

	busy sync.Mutex // held by the one piece of background work that computes
}

// inTurn runs a piece of background work when no other computes, so that one processor is always left
// to answers.
func (s *service) inTurn(work func()) {
	s.busy.Lock()
	defer s.busy.Unlock()
	work()
}

// open wires a service over the store.
func (p *program) open(ctx context.Context) (*service, error) {
	embedder, err := p.newEmbedder()
	if err != nil {
		return nil, err
	}
	db, err := p.openStore(ctx)
	if err != nil {
		return nil, err
	}
	s := &service{program: p, db: db}
	if err := errors.Join(s.wire(embedder), s.openFeedLog()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if s.cursors, err = s.newCursors(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// embeddingCacheBytes is room for the embeddings of 40,000 posts.
const embeddingCacheBytes = 64 << 20

// queryCacheBytes is room for the embeddings of 2,000 searches.
const queryCacheBytes = 4 << 20

func (s *service) wire(embedder embedder) (err error) {
	if folder := s.settings.Trusted; folder != "" {
		if s.trusted, err = graph.ReadTrusted(os.DirFS(folder)); err != nil {
			return fmt.Errorf("TRUSTED_DOCUMENTS: %s: %w", folder, err)
		}
	}
	if s.cache, err = embedding.NewCache(embeddingCacheBytes, s.embeddings(embedder.Model())); err != nil {
		return err
	}
	if s.replica, err = replica.New(s.db, s.cache, embedder.Model(), time.Now); err != nil {
		return err
	}
	if s.queries, err = embedding.NewQueries(queryCacheBytes, embedder); err != nil {
		return err
	}
	s.engine = recommend.New(s.replica).Searching(s.db, s.queries)
	s.hub = live.New(s.engine, live.Of(s.replica), s.log)
	s.queue = ingest.NewEmbedQueue(s.db, s.inBackground(sparing(embedder)), s.log)
	s.teacher = teach.New(teach.Options{
		Store: s.db, Replica: s.replica, Log: s.log,
		Copy:   func() (*replica.Replica, error) { return replica.New(s.db, s.cache, embedder.Model(), time.Now) },
		Effort: learn.Effort{Workers: max(1, runtime.GOMAXPROCS(0)-1), Turn: s.inTurn}, // the other answers meanwhile
		Queued: func(ctx context.Context) (int64, error) {
			progress, err := s.queue.Progress(ctx)
			return progress.Queued, err
		},
	})
	if s.settings.APIBaseURL != "" {
		s.syncer, err = s.newSyncer(s.db, ingest.Options{Log: s.log, OnChange: s.queue.Wake, Turn: s.inTurn})
	}
	return err
}

// openFeedLog opens the file that feeds are recorded in, if they are.
func (s *service) openFeedLog() (err error) {
	if s.settings.FeedLog == "" {
		return nil
	}
	if s.feedLog, err = os.OpenFile(string(s.settings.FeedLog), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return fmt.Errorf("%w: FEED_LOG: %w", errs.Invalid, err)
	}
	return nil
}

// feeds returns what makes feeds for clients.
func (s *service) feeds() feedlog.Feeder {
	if s.feedLog == nil {
		return s.engine
	}
	return &feedlog.Log{Feeds: s.engine, File: s.feedLog, Program: version(), Clock: time.Now, Errors: s.log}
}

// cursorKey is the setting of a store that cursors are signed with, unless CURSOR_KEY is set.
const cursorKey = "cursor_key"

// newCursors returns what makes cursors: the same for every process on the store.
func (s *service) newCursors(ctx context.Context) (cursor.Signer, error) {
	if key := s.settings.CursorKey; key != "" {
		return cursor.NewSigner(string(key)), nil
	}
	key, err := s.db.MakeSetting(ctx, cursorKey, rand.Text())
	return cursor.NewSigner(key), err
}

// embeddings returns how the cache reads the embeddings made by model. A vector read after
// sequence n was the store's is of version n or newer.
func (s *service) embeddings(model string) embedding.Load {
	return func(ctx context.Context, ids []int64) (map[int64]embedding.Vector, error) {
		sequence, err := s.db.Sequence(ctx)
		if err != nil {
			return nil, err
		}
		stored, err := s.db.Embeddings(ctx, model, ids)
		if err != nil {
			return nil, err
		}
		vectors := make(map[int64]embedding.Vector, len(stored))
		for id, values := range stored {
			vectors[id] = embedding.Vector{Values: values, Version: sequence}
		}
		return vectors, nil
	}
}

func (s *service) close() {
	s.replica.Close()
	s.queries.Close()
	s.cache.Close()
	if s.feedLog != nil {
		if err := s.feedLog.Close(); err != nil {
			s.log.Error().Err(err).Msg("closing the log of feeds failed")
		}
	}
	if err := s.db.Close(); err != nil {
		s.log.Error().Err(err).Msg("closing the store failed")
	}
}

// library reads posts from the copy in memory and people from the store.
type library struct {
	*replica.Replica
	*sqlite.DB
}

// Posts implements rest.Library.
func (l library) Posts(ctx context.Context, within catalog.Projects, ids []int64) ([]*catalog.Post, error) {
	return l.Replica.Posts(ctx, within, ids)
}

const graphPath = "/graphql"

// handler returns every route there is. What stays open ends when stopping is closed.
func (s *service) handler(stopping <-chan struct{}) http.Handler {
	metrics := web.NewMetrics()
	feeds := rest.Timed(s.feeds(), metrics)
	router := web.NewRouter(web.Config{
		Log: s.log, Metrics: metrics, Keys: s.settings.APIKeys.Keyring, Origins: s.settings.CORSOrigins,
		Here: bool(s.settings.Auth) && !s.settings.APIKeys.Asks(),
		Rate: int(s.settings.RateLimit), Refusals: map[string]web.Refusal{graphPath: graph.Refuse},
	})
	rest.Mount(router, rest.Config{
		Feeds: feeds, Lists: s.engine, Library: library{s.replica, s.db}, Cursors: s.cursors, Recorder: s.db, Health: s.health, Ready: s.isReady, Gauges: s.gauges, Metrics: metrics, Log: s.log, Version: version(),
		Keys: s.settings.APIKeys.Asks(),
	})
	router.Handle(graphPath, graph.NewHandler(
		graph.Services{Feeds: feeds, Lists: s.engine, Cursors: s.cursors, Catalog: s.replica, Users: s.db, Recorder: s.db, Editor: s.db, Live: s.hub},
		graph.Options{
			Introspection: bool(s.settings.Introspect), Trusted: s.trusted,
			Keys: s.settings.APIKeys.Keyring, CheckOrigin: web.CheckOrigin(s.settings.CORSOrigins), Stopping: stopping,
			Log: s.log, RequestID: web.RequestID, Annotate: web.Annotate,
		},
	))
	router.Handle("/playground", console.Playground(graphPath, console.FeedOperation(s.example())))
	router.Handle("/docs", console.Docs("/openapi.json"))
	router.Handle("/redoc", console.Redoc("/openapi.json"))
	router.Handle(console.AssetsPath+"*", console.Assets())
	return router
}

// example returns the username that the playground begins with. Where keys are asked for it is
// nobody's: the page is open to all.
func (s *service) example() string {
	if s.settings.APIKeys.Asks() {
		return "somebody"
	}
	return s.someone(context.Background())
}
