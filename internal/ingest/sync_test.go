package ingest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"resonance/internal/errs"
	"resonance/internal/ingest"
	"resonance/internal/interaction"
	"resonance/internal/store/sqlite"
	"resonance/internal/upstream"
	"resonance/internal/upstream/upstreamtest"
)

func TestCaptureIsCopiedWholeAndOnce(t *testing.T) {
	fake := upstreamtest.New(t, captured(t))
	db := openStore(t, sqlite.Options{})
	syncer := ingest.NewSyncer(fake.Client(t, zerolog.Nop()), db, ingest.Options{})
	report, err := syncer.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	counts, err := db.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintln(counts.Posts, counts.Users, counts.ByKind[interaction.View], counts.ByKind[interaction.Like],
		counts.ByKind[interaction.Inspire], counts.ByKind[interaction.Rating])
	if want := fmt.Sprintln(2136, 1268, 6528, 1263, 456, 2883); got != want {
		t.Errorf("posts, users, views, likes, inspires, ratings: got %swant %s", got, want)
	}
	if total := report.Total(); total.Rows != 14534 || total.Changed != 14534 || total.Unreadable != 0 || total.Hidden != 0 {
		t.Errorf("report: %+v", total)
	}

	before, whole := sequence(t, db), contentOf(t, db)
	if report, err = syncer.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if total := report.Total(); total.Changed != 0 || total.Rows != 14534 || sequence(t, db) != before {
		t.Errorf("the second run changed %d rows", total.Changed)
	}
	if diff := cmp.Diff(whole, contentOf(t, db)); diff != "" {
		t.Error(diff)
	}
}

func TestRatingChangedInPlaceReplacesItself(t *testing.T) {
	r := newRig(t)
	r.sync(t)
	r.fake.Put(upstream.Ratings, json.RawMessage(`{"id":3,"post_id":3,"user_id":3,"rating_percent":95,"rated_at":"2024-01-10 07:20:55"}`))
	if changed := r.sync(t).Total().Changed; changed != 1 {
		t.Errorf("%d rows changed", changed)
	}
	c := contentOf(t, r.db)
	if i, ok := c.interaction("rating:3"); !ok || i.Value != 95 || len(c.Interactions) != 36 {
		t.Errorf("got %+v among %d", i, len(c.Interactions))
	}
}

func TestInteractionBeforeItsPostAndUser(t *testing.T) {
	r := newRig(t)
	r.fake.Put(upstream.Likes, json.RawMessage(`{"id":50,"post_id":70,"user_id":60,"liked_at":"2024-02-10 07:20:55"}`))
	r.sync(t)
	if i, ok := contentOf(t, r.db).interaction("like:50"); !ok || i.UserID != 60 || i.Username != "" {
		t.Errorf("before: %+v, %v", i, ok)
	}
	r.fake.Put(upstream.Posts, map[string]any{"id": 70, "title": "late"})
	r.fake.Put(upstream.Users, map[string]any{"id": 60, "username": "late_user"})
	r.sync(t)
	c := contentOf(t, r.db)
	if i, ok := c.interaction("like:50"); !ok || i.Username != "late_user" || i.PostID != 70 {
		t.Errorf("after: %+v, %v", i, ok)
	}
	if p, ok := c.post(70); !ok || p.Title != "late" {
		t.Errorf("after: %+v, %v", p, ok)
	}
}

func TestVanishedPostIsHiddenAfterTwoPassesAndComesBack(t *testing.T) {
	r := newRig(t)
	r.sync(t)
	r.fake.Remove(upstream.Posts, 5)
	for pass, want := range []struct {
		shown  bool
		hidden int
	}{{true, 0}, {false, 1}, {false, 0}} {
		hidden := r.sync(t).Total().Hidden
		if _, shown := contentOf(t, r.db).post(5); shown != want.shown || hidden != want.hidden {
			t.Errorf("pass %d without it: shown %v, hidden %d", pass+1, shown, hidden)
		}
	}
	r.fake.Put(upstream.Posts, map[string]any{"id": 5, "title": "back"})
	r.sync(t)
	if p, shown := contentOf(t, r.db).post(5); !shown || p.Title != "back" {
		t.Errorf("after its return: %+v, %v", p, shown)
	}
}

func TestVanishedInteractionIsKept(t *testing.T) {
	r := newRig(t)
	r.sync(t)
	r.fake.Remove(upstream.Views, 1, 2, 3)
	r.sync(t)
	r.sync(t)
	if n := len(contentOf(t, r.db).Interactions); n != 36 {
		t.Errorf("%d interactions", n)
	}
}

func TestPassThatEndsEarlyProvesNoAbsence(t *testing.T) {
	r := newRig(t)
	r.sync(t)
	r.fake.Remove(upstream.Posts, 1)
	down := upstreamtest.Status(500)
	for range 3 {
		r.fake.Next(upstream.Posts, nil, down, down, down) // page 1 comes, page 2 does not
		if _, err := r.Sync(t.Context()); err == nil {
			t.Fatal("the pass succeeded")
		}
		if err := r.db.RestartPass(t.Context(), "posts"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(contentOf(t, r.db).Posts); n != 9 {
		t.Errorf("%d posts", n)
	}
}

func TestUnderHalfOfTheRowsProvesNoAbsence(t *testing.T) {
	r := newRig(t)
	r.sync(t)
	r.fake.Remove(upstream.Posts, 1, 2, 3, 4, 5, 6)
	for range 3 {
		r.sync(t)
	}
	if n := len(contentOf(t, r.db).Posts); n != 9 {
		t.Errorf("%d posts", n)
	}
}

func TestEmptyUpstreamProvesNoAbsence(t *testing.T) {
	r := newRig(t)
	r.sync(t)
	for id := range int64(10) {
		r.fake.Remove(upstream.Posts, id)
		r.fake.Remove(upstream.Users, id)
	}
	for range 3 {
		r.sync(t)
	}
	if c := contentOf(t, r.db); len(c.Posts) != 9 || len(c.Users) != 9 {
		t.Errorf("%d posts, %d users", len(c.Posts), len(c.Users))
	}
}

// A row that vanishes while a pass reads the next page pulls every later row forward, and one of
// them is missed. The next pass finds it, so it is never hidden.
func TestRowMissedBecauseOthersMoved(t *testing.T) {
	r := newRig(t)
	r.sync(t)
	for range 3 {
		r.fake.OnRequest(func(req upstreamtest.Request) upstreamtest.Fault {
			if req.Endpoint == upstream.Posts && req.Page == 2 {
				r.fake.Remove(upstream.Posts, 1)
			}
			return nil
		})
		if rows := r.sync(t).Total().Rows; rows != 53 {
			t.Fatalf("%d rows: none was missed, the test tests nothing", rows)
		}
		r.fake.OnRequest(nil)
		r.fake.Put(upstream.Posts, map[string]any{"id": 1})
		r.sync(t)
		if n := len(contentOf(t, r.db).Posts); n != 9 {
			t.Errorf("%d posts", n)
		}
	}
}

func TestUnreadableRowIsLoggedOnceAndNotHidden(t *testing.T) {
	r := newRig(t)
	r.sync(t)
	r.fake.Put(upstream.Posts, json.RawMessage(`{"id":7,"title":{"broken":true}}`))
	r.fake.Put(upstream.Users, json.RawMessage(`{"id":8,"username":["broken"]}`))
	for range 3 {
		if total := r.sync(t).Total(); total.Unreadable != 2 || total.Hidden != 0 {
			t.Errorf("report: %+v", total)
		}
	}
	c := contentOf(t, r.db)
	if p, ok := c.post(7); !ok || p.Title != "post 7" || len(c.Users) != 9 {
		t.Errorf("got %+v, %v, %d users", p, ok, len(c.Users))
	}
	for _, id := range []string{`"id":7,`, `"id":8,`} {
		if n := strings.Count(r.log.String(), id); n != 1 {
			t.Errorf("%s is logged %d times:\n%s", id, n, r.log)
		}
	}
}

func TestWithoutAlgorithmPostsAreKept(t *testing.T) {
	r := newRig(t, func(cfg *upstream.Config) { cfg.Algorithm = "" })
	history := `{"status":"success","max_page_size":4,"posts":[{"id":1,"title":"known","created_at":1,"post_summary":[]},
		{"id":40,"title":"new","created_at":1,"post_summary":[]},{"id":40,"title":"new","created_at":1,"post_summary":[]}]}`
	for range 3 {
		r.fake.Next(upstream.Views, upstreamtest.Body(history))
		report := r.sync(t)
		if total := report.Total(); total.NoUser != 3+3 || total.Hidden != 0 { // a view, a like, an inspire and a rating of user 1 else
			t.Errorf("report: %+v", total)
		}
	}
	c := contentOf(t, r.db)
	if p, _ := c.post(1); p.Description != "described 1" || p.Title != "post 1" {
		t.Errorf("the history overwrote a post: %+v", p)
	}
	if p, ok := c.post(40); !ok || p.Title != "new" || len(c.Posts) != 10 || len(c.Interactions) != 0 {
		t.Errorf("got %+v, %v, %d posts, %d interactions", p, ok, len(c.Posts), len(c.Interactions))
	}
	if n := strings.Count(r.log.String(), "RESONANCE_ALGORITHM"); n != 1 {
		t.Errorf("warned %d times", n)
	}
	seq := sequence(t, r.db)
	r.fake.Next(upstream.Views, upstreamtest.Body(history))
	r.sync(t)
	if sequence(t, r.db) != seq {
		t.Error("another run changes something")
	}
}

// A history may hold one post so often that two pages are the same.
func TestHistoryOfOnePostSeenOverAndOver(t *testing.T) {
	r := newRig(t, func(cfg *upstream.Config) { cfg.Algorithm = "" })
	for id := 20; id < 40; id++ {
		r.fake.Put(upstream.Views, map[string]any{"id": id, "post_id": 3, "user_id": upstreamtest.Owner, "viewed_at": "2024-01-10 07:20:55"})
	}
	r.sync(t)
}

func TestUsersWhoSwapOrShareAName(t *testing.T) {
	r := newRig(t)
	r.sync(t)
	name := func(id int, username string) map[string]any { return map[string]any{"id": id, "username": username} }
	r.fake.Put(upstream.Users, name(1, "user_2"), name(2, "user_1"))
	r.sync(t)
	for _, u := range contentOf(t, r.db).Users[:2] {
		if want := map[int64]string{1: "user_2", 2: "user_1"}[u.ID]; u.Username != want {
			t.Errorf("after the swap: %+v, want %s", u, want)
		}
	}
	r.fake.Put(upstream.Users, name(3, "user_4"))
	r.sync(t)
	if n := len(contentOf(t, r.db).Interactions); n != 36 {
		t.Errorf("%d interactions", n)
	}
}

func TestOneEndpointDownDoesNotStopTheOthers(t *testing.T) {
	r := newRig(t)
	r.fake.OnRequest(func(req upstreamtest.Request) upstreamtest.Fault {
		if req.Endpoint == upstream.Users || req.Endpoint == upstream.Likes {
			return upstreamtest.Status(502)
		}
		return nil
	})
	report, err := r.Sync(t.Context())
	if !errors.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "read user") || !strings.Contains(err.Error(), "read like") {
		t.Errorf("got %v", err)
	}
	c := contentOf(t, r.db)
	if len(c.Posts) != 9 || len(c.Interactions) != 27 || len(report.Endpoints) != 6 {
		t.Errorf("%d posts, %d interactions, %d endpoints", len(c.Posts), len(c.Interactions), len(report.Endpoints))
	}
	if p := r.Progress(); p.State != ingest.Failed || p.Error == "" || strings.Contains(p.Error, "\n") || p.FinishedAt.IsZero() {
		t.Errorf("progress: %+v", p)
	}
}

func TestWrongTokenIsToldAtOnce(t *testing.T) {
	r := newRig(t, func(cfg *upstream.Config) { cfg.Token = "wrong" })
	_, err := r.Sync(t.Context())
	if !errors.Is(err, errs.Unauthorized) || !strings.Contains(err.Error(), "FLIC_TOKEN") || len(r.fake.Requests()) != 0 {
		t.Errorf("got %v", err)
	}
}

func TestUpstreamThatIgnoresThePageNumber(t *testing.T) {
	r := newRig(t)
	r.fake.OnRequest(func(req upstreamtest.Request) upstreamtest.Fault {
		if req.Endpoint != upstream.Users {
			return nil
		}
		var rows []string
		for id := range 4 { // the same rows on every page, though not to the byte
			rows = append(rows, fmt.Sprintf(`{"id":%d,"username":"user_%d","share_count":%d}`, id+1, id+1, req.Number))
		}
		return upstreamtest.Body(`{"status":"success","max_page_size":4,"users":[` + strings.Join(rows, ",") + `]}`)
	})
	_, err := r.Sync(t.Context())
	if err == nil || !strings.Contains(err.Error(), "users: page 2 holds the rows of page 1 again") {
		t.Errorf("got %v", err)
	}
	c := contentOf(t, r.db)
	if len(c.Users) != 4 || len(c.Posts) != 9 {
		t.Errorf("%d users, %d posts", len(c.Users), len(c.Posts))
	}
	if checkpoint, err := r.db.Checkpoint(t.Context(), "users"); err != nil || checkpoint.Page != 0 {
		t.Errorf("checkpoint %+v, %v", checkpoint, err)
	}
}

func TestEveryMisbehaviourEndsInTheSameRows(t *testing.T) {
	good := newRig(t)
	good.sync(t)
	want := contentOf(t, good.db)
	for name, fault := range map[string]upstreamtest.Fault{
		"500": upstreamtest.Status(500), "429": upstreamtest.TooMany("1"), "slow body": upstreamtest.Slow(time.Millisecond), "hang": upstreamtest.Hang(),
		"cut body": upstreamtest.CutBody(), "broken JSON": upstreamtest.BrokenJSON(), "HTML page": upstreamtest.HTMLPage(),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(cfg *upstream.Config) {
				if name == "hang" {
					cfg.Limits.Attempt = 200 * time.Millisecond
				}
			})
			r.fake.OnRequest(func(req upstreamtest.Request) upstreamtest.Fault {
				if req.Number%4 == 2 {
					return fault
				}
				return nil
			})
			r.sync(t)
			if diff := cmp.Diff(want, contentOf(t, r.db)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCancelEndsASyncAndTheNextGoesOn(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	r.fake.OnRequest(func(req upstreamtest.Request) upstreamtest.Fault {
		if req.Endpoint == upstream.Posts && req.Page == 3 {
			cancel()
			return upstreamtest.Hang()
		}
		return nil
	})
	if _, err := r.Sync(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if p := r.Progress(); p.State != ingest.Idle || p.Error != "" {
		t.Errorf("progress: %+v", p)
	}
	done := len(r.fake.Requests())
	r.fake.OnRequest(nil)
	r.sync(t)
	for _, req := range r.fake.Requests()[done:] {
		if req.Endpoint == upstream.Posts && req.Page < 3 {
			t.Errorf("page %d of posts was read again", req.Page)
		}
	}
	if n := len(contentOf(t, r.db).Posts); n != 9 {
		t.Errorf("%d posts", n)
	}
}

func TestUnfinishedPassIsResumedForAnHour(t *testing.T) {
	for name, tt := range map[string]struct {
		later     time.Duration
		firstPage int
	}{"young": {59 * time.Minute, 3}, "old": {61 * time.Minute, 1}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			down := upstreamtest.Status(500)
			r.fake.Next(upstream.Posts, nil, nil, down, down, down)
			if _, err := r.Sync(t.Context()); err == nil {
				t.Fatal("the pass succeeded")
			}
			done := len(r.fake.Requests())
			later := func() time.Time { return time.Now().Add(tt.later) }
			syncer := ingest.NewSyncer(r.fake.Client(t, zerolog.Nop()), r.db, ingest.Options{PageSize: 4, Now: later})
			if _, err := syncer.Sync(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, req := range r.fake.Requests()[done:] {
				if req.Endpoint == upstream.Posts {
					if req.Page != tt.firstPage {
						t.Errorf("went on at page %d", req.Page)
					}
					break
				}
			}
		})
	}
}

func TestProgressIsToldPageByPage(t *testing.T) {
	fake := upstreamtest.New(t, small())
	var told []ingest.Progress
	changes := 0
	syncer := ingest.NewSyncer(fake.Client(t, zerolog.Nop()), openStore(t, sqlite.Options{}), ingest.Options{
		PageSize: 5, OnProgress: func(p ingest.Progress) { told = append(told, p) }, OnChange: func() { changes++ },
		Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
	})
	if p := syncer.Progress(); p != (ingest.Progress{State: ingest.Idle}) {
		t.Errorf("before: %+v", p)
	}
	if _, err := syncer.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if changes != 12 || len(told) != 14 {
		t.Fatalf("%d changes, %d reports of progress", changes, len(told))
	}
	for i, want := range map[int]string{
		0:  `{"state":"running","rows":0,"started_at":"2026-01-02T03:04:05Z"}`,
		4:  `{"state":"running","endpoint":"posts","page":2,"rows":18,"started_at":"2026-01-02T03:04:05Z"}`,
		13: `{"state":"idle","endpoint":"rating","page":2,"rows":54,"started_at":"2026-01-02T03:04:05Z","finished_at":"2026-01-02T03:04:05Z"}`,
	} {
		got, err := json.Marshal(told[i])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("progress %d: %s", i, diff)
		}
	}
}

// TestPagesAreReadAndWrittenInTurn shares one turn between client and syncer, as a service does: each page takes it
// twice, and nothing is asked of upstream or the store while it waits for a turn.
func TestPagesAreReadAndWrittenInTurn(t *testing.T) {
	turns, working := 0, false
	turn := func(work func()) {
		if working {
			t.Error("a turn within a turn")
		}
		turns, working = turns+1, true
		work()
		working = false
	}
	fake, db := upstreamtest.New(t, small()), openStore(t, sqlite.Options{})
	client := fake.Client(t, zerolog.Nop(), func(cfg *upstream.Config) { cfg.Turn = turn })
	report, err := ingest.NewSyncer(client, db, ingest.Options{PageSize: 4, Turn: turn}).Sync(t.Context())
	if err != nil || report.Total().Changed != 54 {
		t.Fatalf("%+v, %v", report.Total(), err)
	}
	if pages := len(fake.Requests()); turns != 2*pages {
		t.Errorf("%d pages took %d turns, want two each", pages, turns)
	}
}
