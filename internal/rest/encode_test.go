package rest

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/recommend"
)

// viaTypes returns what encoding/json makes of the documented types, given the same feed. It
// fails when body holds a key they do not know, or lacks one.
func viaTypes(t testing.TB, body []byte) string {
	t.Helper()
	var documented feed
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&documented); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	var again bytes.Buffer
	encoder := json.NewEncoder(&again)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(documented); err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSuffix(again.Bytes(), []byte("\n")))
}

func TestEncodedFeedIsOfTheDocumentedTypes(t *testing.T) {
	for name, items := range map[string][]recommend.Item{
		"none": nil, "full": {fullItem()}, "plain": {plainItem()}, "bare": {bareItem()}, "several": {fullItem(), bareItem(), plainItem()},
	} {
		t.Run(name, func(t *testing.T) {
			body := appendFeed(nil, recommend.Feed{Items: items}, catalog.EveryProject())
			if diff := cmp.Diff(viaTypes(t, body), string(body)); diff != "" {
				t.Errorf("(-encoding/json +appendFeed):\n%s", diff)
			}
		})
	}
}

// TestEveryValueIsUnderItsKey holds the values, which the golden file shows, to the post they are
// of: fullItem has another value for every key.
func TestEveryValueIsUnderItsKey(t *testing.T) {
	item := fullItem()
	p, o, to := item.Post, item.Post.Owner, item.Post.Topic.Owner
	want := feed{Status: "success", Post: []post{{
		ID: p.ID, Title: p.Title, Public: p.Public, Locked: p.Locked, Slug: p.Slug, Identifier: p.Identifier,
		Upvoted: true, Bookmarked: true, Following: true,
		CommentCount: p.CommentCount, UpvoteCount: p.UpvoteCount, ViewCount: p.ViewCount, ExitCount: p.ExitCount,
		RatingCount: p.RatingCount, AverageRating: p.AverageRating, ShareCount: p.ShareCount, BookmarkCount: p.BookmarkCount,
		VideoLink: p.VideoLink, ThumbnailURL: p.ThumbnailURL, GIFThumbnailURL: p.GIFThumbnailURL,
		ContractAddress: p.ContractAddress, ChainID: p.ChainID, ChartURL: p.ChartURL, CreatedAt: 1767323045678, Tags: p.Tags,
		Owner:     owner{o.FirstName, o.LastName, "Mara Linde", o.Username, o.PictureURL, o.UserType, true, true},
		Category:  &category{7, "Street Photography", 118, "Light and people", "https://media.example/street.jpg"},
		BaseToken: baseToken{"0x02", "Harbour", "HRB", "https://media.example/hrb.png"},
		Topic: &topic{31, "Harbours at dawn", "Before the boats go out", "https://media.example/harbours.jpg", "harbours-at-dawn", true, "vible", 24,
			ptr("en"), "2026-01-02 03:04:05", topicOwner{to.FirstName, to.LastName, to.Name, to.Username, to.ProfileURL, to.UserType, true, true}},
	}}}
	var got feed
	if err := json.Unmarshal(appendFeed(nil, recommend.Feed{Items: []recommend.Item{item}}, catalog.EveryProject()), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFlagsAreNotSwapped sets one flag at a time, which fullItem cannot tell apart.
func TestFlagsAreNotSwapped(t *testing.T) {
	flags := map[string]func(*recommend.Item){
		`"is_available_in_public_feed":true`: func(i *recommend.Item) { i.Post.Public = true },
		`"is_locked":true`:                   func(i *recommend.Item) { i.Post.Locked = true },
		`"upvoted":true`:                     func(i *recommend.Item) { i.Viewer.Upvoted = true },
		`"bookmarked":true`:                  func(i *recommend.Item) { i.Viewer.Bookmarked = true },
		`"following":true`:                   func(i *recommend.Item) { i.Viewer.Following = true },
		`"has_evm_wallet":true`:              func(i *recommend.Item) { i.Post.Owner.HasEVMWallet = true },
		`"has_solana_wallet":true`:           func(i *recommend.Item) { i.Post.Owner.HasSolanaWallet = true },
		`"is_public":true`:                   func(i *recommend.Item) { i.Post.Topic = &catalog.Topic{Public: true} },
	}
	for want, set := range flags {
		item := bareItem()
		set(&item)
		body := appendFeed(nil, recommend.Feed{Items: []recommend.Item{item}}, catalog.EveryProject())
		if !bytes.Contains(body, []byte(want)) || bytes.Count(body, []byte(":true")) != 1 {
			t.Errorf("want %s alone in %s", want, body)
		}
	}
}

func TestOddValues(t *testing.T) {
	with := func(set func(*catalog.Post)) recommend.Item {
		item := bareItem()
		set(item.Post)
		return item
	}
	title := func(s string) recommend.Item { return with(func(p *catalog.Post) { p.Title = s }) }
	tests := map[string]struct {
		item recommend.Item
		want string
	}{
		"HTML":                   {title(`<b>R&B</b>`), `"title":"<b>R&B</b>"`},
		"quote and backslash":    {title(`"a\b"`), `"title":"\"a\\b\""`},
		"slash":                  {title(`a/b`), `"title":"a/b"`},
		"white space":            {title("a\tb\nc\rd"), `"title":"a\tb\nc\rd"`},
		"control characters":     {title("\x00\x01\b\f\x1f\x7f"), `"title":"\u0000\u0001\b\f\u001f` + "\x7f" + `"`},
		"emoji and accents":      {title("🌊 früh 日本"), `"title":"🌊 früh 日本"`},
		"line separators":        {title("a\u2028b\u2029c"), "\"title\":\"a\u2028b\u2029c\""},
		"not UTF-8":              {title("a\xffb\xc3"), "\"title\":\"a\uFFFDb\uFFFD\""},
		"replacement character":  {title("a\uFFFDb"), "\"title\":\"a\uFFFDb\""},
		"empty tags":             {with(func(p *catalog.Post) { p.Tags = nil }), `"tags":[]`},
		"odd tags":               {with(func(p *catalog.Post) { p.Tags = []string{"", "[", "{", "a,b"} }), `"tags":["","[","{","a,b"]`},
		"before 1970":            {bareItem(), `"created_at":-1`},
		"to the millisecond":     {with(func(p *catalog.Post) { p.CreatedAt = time.UnixMilli(1).Add(999 * time.Microsecond) }), `"created_at":1,`},
		"first name only":        {with(func(p *catalog.Post) { p.Owner.FirstName = " Mara " }), `"first_name":" Mara ","last_name":"","name":"Mara"`},
		"last name only":         {with(func(p *catalog.Post) { p.Owner.LastName = "Linde" }), `"name":"Linde"`},
		"no names":               {bareItem(), `"name":"","username":"nobody"`},
		"empty, not null":        {with(func(p *catalog.Post) { p.Owner.UserType = new(string) }), `"user_type":""`},
		"topic without language": {with(func(p *catalog.Post) { p.Topic = new(catalog.Topic) }), `"language":null,"created_at":""`},
		"empty base token":       {bareItem(), `"baseToken":{"address":"","name":"","symbol":"","image_url":""}`},
		"brackets end a title":   {title(`{[`), `"title":"{[","is_available`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			body := appendFeed(nil, recommend.Feed{Items: []recommend.Item{test.item}}, catalog.EveryProject())
			if !bytes.Contains(body, []byte(test.want)) {
				t.Errorf("want %s in %s", test.want, body)
			}
			viaTypes(t, body)
		})
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\/\b\f\n\r\t\x00\x1f\x7f", "<&>\u2028\u2029", "\xff\xc3\xed\xa0\x80", "日本🌊\uFFFD",
		"sixteen letters, and some more", "sixteen letters \" then", "eight at the end\n", "seven at the begin\x1fning of a word", "東京 and then eight\\ more"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		encoded := appendString([]byte("kept"), s)
		var got string
		if err := json.Unmarshal(bytes.TrimPrefix(encoded, []byte("kept")), &got); err != nil {
			t.Fatalf("%v in %q", err, encoded)
		}
		if want := string([]rune(s)); got != want { // []rune makes U+FFFD of every byte that is not UTF-8
			t.Errorf("%q came back as %q", want, got)
		}
	})
}
