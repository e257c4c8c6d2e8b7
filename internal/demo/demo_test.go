package demo

import (
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

var update = flag.Bool("update", false, "rewrite the golden files under testdata")

var created = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

func TestLoadHoldsWhatItPromises(t *testing.T) {
	data := Load(created)
	categories, authors, none := map[string]int64{}, map[string]bool{}, 0
	for _, p := range data.Posts {
		authors[p.Owner.Username] = true
		if p.Category != nil {
			categories[p.Category.Name]++
		} else {
			none++
		}
	}
	silent := map[string]bool{}
	for _, u := range data.Users {
		silent[u.Username] = true
	}
	for _, i := range data.Interactions {
		delete(silent, i.Username)
	}
	for _, check := range []struct {
		what         string
		got, min, at int
	}{
		{"posts", len(data.Posts), 330, 360},
		{"posts without a category", none, 5, 15},
		{"categories", len(categories), 12, 12},
		{"authors", len(authors), 40, 40},
		{"users", len(data.Users), 80, 80},
		{"users without a history", len(silent), 6, 6},
		{"interactions", len(data.Interactions), 3000, 4000},
	} {
		if check.got < check.min || check.got > check.at {
			t.Errorf("%d %s, want %d..%d", check.got, check.what, check.min, check.at)
		}
	}
	for _, p := range data.Posts {
		if p.Category != nil && p.Category.Count != categories[p.Category.Name] {
			t.Errorf("post %d: category %q counts %d posts, want %d", p.ID, p.Category.Name, p.Category.Count, categories[p.Category.Name])
		}
	}
}

func TestLoadIsTheSameEverywhere(t *testing.T) {
	data := Load(created)
	sums := fmt.Sprintf("posts %s\nusers %s\ninteractions %s\n", sum(t, data.Posts), sum(t, data.Users), sum(t, data.Interactions))
	golden := filepath.Join("testdata", "load.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(sums), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), sums); diff != "" {
		t.Errorf("Load(%v): (-want +got; -update rewrites %s after a change that is meant)\n%s", created, golden, diff)
	}
}

func sum[T any](t *testing.T, rows []T) string {
	t.Helper()
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(rows); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %x", len(rows), h.Sum(nil))
}

func TestLoadMovesWithTheMoment(t *testing.T) {
	const later = 1000*time.Hour + 7*time.Second
	want, got := Load(created), Load(created.Add(later))
	for i := range want.Posts {
		p := &want.Posts[i]
		p.CreatedAt = p.CreatedAt.Add(later)
		if p.Topic != nil {
			at, err := time.Parse(time.DateTime, p.Topic.CreatedAt)
			if err != nil {
				t.Fatal(err)
			}
			p.Topic.CreatedAt = at.Add(later).Format(time.DateTime)
		}
	}
	for i := range want.Interactions {
		want.Interactions[i].At = want.Interactions[i].At.Add(later)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Load %v later (-want +got):\n%s", later, diff)
	}
}

func TestLoadTakesAnyMoment(t *testing.T) {
	zone := time.FixedZone("east", 5*3600+1800)
	want := Load(created)
	if diff := cmp.Diff(want, Load(created.In(zone).Add(999*time.Microsecond))); diff != "" {
		t.Errorf("another zone and a finer clock change the data (-want +got):\n%s", diff)
	}
	if at := want.Posts[0].CreatedAt; at.Location() != time.UTC {
		t.Errorf("times are in %v, want UTC", at.Location())
	}
}

func TestPostsSpreadOverTime(t *testing.T) {
	posts := Load(created).Posts
	recent := 0
	for i, p := range posts {
		if p.ID != firstPostID+int64(i) {
			t.Fatalf("post %d has id %d, want %d", i, p.ID, firstPostID+i)
		}
		if i > 0 && !p.CreatedAt.After(posts[i-1].CreatedAt) {
			t.Errorf("post %d is not newer than the one before", p.ID)
		}
		if created.Sub(p.CreatedAt) < 48*time.Hour {
			recent++
		}
	}
	if oldest := created.Sub(posts[0].CreatedAt).Hours() / 24; oldest < 115 || oldest > 121 {
		t.Errorf("the oldest post is %.0f days old, want about 120", oldest)
	}
	if newest := created.Sub(posts[len(posts)-1].CreatedAt).Hours(); newest < 1 || newest > 6 {
		t.Errorf("the newest post is %.1f hours old, want a few", newest)
	}
	if recent < 15 {
		t.Errorf("%d posts in the last two days, want at least 15", recent)
	}
}

func TestProjectsComeFromTopicCategoryOrNowhere(t *testing.T) {
	byTopic, byCategory, none := map[string]int{}, map[string]int{}, 0
	for _, p := range Load(created).Posts {
		switch project := p.Project(); {
		case project == "":
			none++
		case p.Topic != nil:
			byTopic[project]++
		default:
			byCategory[project]++
		}
	}
	wantTopic := map[string]int{"freshair": 41, "hearth": 56, "lookout": 56, "outloud": 56, "workshop": 69}
	wantCategory := map[string]int{"catsdogs": 28, "retrocomputing": 15, "seaswimming": 15}
	if diff := cmp.Diff(wantTopic, byTopic); diff != "" {
		t.Errorf("projects of topics (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantCategory, byCategory); diff != "" {
		t.Errorf("projects of categories (-want +got):\n%s", diff)
	}
	if none != 10 {
		t.Errorf("%d posts belong to no project, want 10", none)
	}
}

func TestPostsAreComplete(t *testing.T) {
	data := Load(created)
	slugs, identifiers := map[string]bool{}, map[string]bool{}
	for _, p := range data.Posts {
		if slugs[p.Slug] || identifiers[p.Identifier] || len(p.Identifier) != 7 {
			t.Errorf("post %d: slug %q or identifier %q is not its own", p.ID, p.Slug, p.Identifier)
		}
		slugs[p.Slug], identifiers[p.Identifier] = true, true
		owner := p.Owner
		if owner.FirstName == "" || owner.LastName == "" || p.Genre == "" || !p.Public || p.Tags == nil {
			t.Errorf("post %d lacks something: %+v", p.ID, p)
		}
		urls := []string{p.VideoLink, p.ThumbnailURL, owner.PictureURL}
		if p.GIFThumbnailURL != "" {
			urls = append(urls, p.GIFThumbnailURL)
		}
		if p.Category != nil {
			urls = append(urls, p.Category.ImageURL)
			if p.Category.ID == 0 || p.Category.Description == "" {
				t.Errorf("post %d: category %+v is not complete", p.ID, *p.Category)
			}
		}
		if p.Topic != nil {
			urls = append(urls, p.Topic.ImageURL, p.Topic.Owner.ProfileURL)
			checkTopic(t, p)
		}
		for _, url := range urls {
			if !strings.HasPrefix(url, "https://cdn.example.com/") {
				t.Errorf("post %d: %q is not on the reserved domain", p.ID, url)
			}
		}
	}
}

func checkTopic(t *testing.T, p catalog.Post) {
	t.Helper()
	topic := *p.Topic
	if topic.ID == 0 || topic.Name == "" || topic.Description == "" || topic.PostsCount == 0 || topic.Owner.Name == "" {
		t.Errorf("post %d: topic %+v is not complete", p.ID, topic)
	}
	if at, err := time.Parse(time.DateTime, topic.CreatedAt); err != nil || at.After(p.CreatedAt) {
		t.Errorf("post %d is older than its topic, of %q (%v)", p.ID, topic.CreatedAt, err)
	}
}

func TestPostsSurviveTheirJSON(t *testing.T) {
	for _, want := range Load(created).Posts {
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got catalog.Post
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("post %d after a round trip (-want +got):\n%s", want.ID, diff)
		}
	}
}

func TestUsersHaveTheirOwnIDsAndNames(t *testing.T) {
	data := Load(created)
	names := map[string]bool{}
	for i, u := range data.Users {
		if u.ID != int64(i)+1 || u.Username == "" || names[u.Username] || u.FirstName == "" || u.LastName == "" || u.PictureURL == "" {
			t.Errorf("user %d: %+v", i, u)
		}
		names[u.Username] = true
	}
	if data.Users[0].Username != Mira {
		t.Errorf("the first user is %q, want %q", data.Users[0].Username, Mira)
	}
}

func TestInteractionsAreValid(t *testing.T) {
	data := Load(created)
	posts, users, seen := map[int64]catalog.Post{}, map[string]bool{}, map[interaction.Interaction]bool{}
	for _, p := range data.Posts {
		posts[p.ID] = p
	}
	for _, u := range data.Users {
		users[u.Username] = true
	}
	for n, i := range data.Interactions {
		if err := i.Check(); err != nil {
			t.Errorf("%+v: %v", i, err)
		}
		p, known := posts[i.PostID]
		if !known || !users[i.Username] || i.Key != "" || i.UserID != 0 {
			t.Errorf("%+v names an unknown post or user, or has a key", i)
		}
		if i.At.Before(p.CreatedAt) || i.At.After(created) {
			t.Errorf("%+v is not between its post, of %v, and now", i, p.CreatedAt)
		}
		if p.Owner.Username == i.Username {
			t.Errorf("%+v is on the user's own post", i)
		}
		if n > 0 && i.At.Before(data.Interactions[n-1].At) {
			t.Errorf("%+v comes before an older one", i)
		}
		identity := i
		identity.Value = 0
		if seen[identity] {
			t.Errorf("%+v is there twice", i)
		}
		seen[identity] = true
	}
	if newest := created.Sub(data.Interactions[len(data.Interactions)-1].At); newest < time.Minute || newest > 15*time.Minute {
		t.Errorf("the newest event is %v old, want a few minutes", newest)
	}
}

func TestEmbeddedFilesAreSmall(t *testing.T) {
	var size int64
	err := fs.WalkDir(files, ".", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if size == 0 || size > 400_000 {
		t.Errorf("the embedded files are %d bytes, want 1..400000", size)
	}
}

func TestLoadSharesNothingBetweenCalls(t *testing.T) {
	first, want := Load(created), Load(created)
	for i := range first.Posts {
		first.Posts[i].Tags = append(first.Posts[i].Tags, "x")
		if c := first.Posts[i].Category; c != nil {
			c.Name = "x"
		}
	}
	slices.Reverse(first.Users)
	if diff := cmp.Diff(want, Load(created)); diff != "" {
		t.Errorf("a caller's change shows in the next Load (-want +got):\n%s", diff)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		Load(created)
	}
}
