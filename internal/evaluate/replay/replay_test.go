package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
	"resonance/internal/evaluate/dataset"
	"resonance/internal/feedlog"
	"resonance/internal/interaction"
	"resonance/internal/metric"
)

var begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// world is posts 1..9, the later the newer, and touches, each of a user, a post and how long after
// begin.
func world(touches ...touch) *dataset.Dataset {
	d := new(dataset.Dataset)
	for id := range int64(9) {
		d.Posts = append(d.Posts, catalog.Post{ID: id + 1, CreatedAt: begin.Add(time.Duration(id-100) * time.Hour)})
	}
	for n, e := range touches {
		d.Events = append(d.Events, dataset.Event{
			User: e.user, Item: int(e.post - 1), Kind: interaction.Like, Value: interaction.NoValue, At: begin.Add(e.after).UnixMilli(), Line: n,
		})
	}
	return d
}

type touch struct {
	user, post int64
	after      time.Duration
}

// certain is a place that no draw decides.
func certain(post int64) feedlog.Place {
	return feedlog.Place{Option: feedlog.Option{Post: post, Propensity: 1}}
}

// held is a place whose post stayed, with a likelihood, where a newcomer might have come.
func held(post int64, likely float64, newcomer int64) feedlog.Place {
	return feedlog.Place{
		Option:  feedlog.Option{Post: post, Propensity: likely},
		Instead: []feedlog.Option{{Post: newcomer, Propensity: 1 - likely, Explored: true}},
	}
}

// explored is a place that a newcomer got.
func explored(newcomer int64, likely float64, post int64) feedlog.Place {
	return feedlog.Place{
		Option:  feedlog.Option{Post: newcomer, Propensity: likely, Explored: true},
		Instead: []feedlog.Option{{Post: post, Propensity: 1 - likely}},
	}
}

func feed(user int64, places ...feedlog.Place) feedlog.Entry {
	return feedlog.Entry{At: begin, User: user, K: len(places), Posts: places}
}

// Four feeds of two places, of which a draw decides the second: post 2 holds it, newcomer 9 gets it
// in a quarter of the draws.
//
//	user 1: 1, 2; touches 1 and 2      user 2: 1, 2; touches nothing
//	user 3: 1, 2; touches 2            user 4: 1, 9; touches 9
func fourFeeds() ([]feedlog.Entry, *dataset.Dataset) {
	entries := []feedlog.Entry{
		feed(1, certain(1), held(2, .75, 9)), feed(2, certain(1), held(2, .75, 9)),
		feed(3, certain(1), held(2, .75, 9)), feed(4, certain(1), explored(9, .25, 2)),
	}
	return entries, world(touch{1, 1, 0}, touch{1, 2, time.Hour}, touch{3, 2, 24 * time.Hour}, touch{4, 9, time.Minute})
}

func TestByHand(t *testing.T) {
	entries, data := fourFeeds()
	got := Run(entries, data, 10)
	const w, v = 1 / .75, 1 / .25
	want := []Policy{
		{Name: "logged", Scope: "all", Rows: 8, IPS: metric.Interval{Mean: 4. / 8}, SNIPS: metric.Interval{Mean: 4. / 8}, Mean: metric.Interval{Mean: 4. / 8}, Effective: 8},
		{Name: "logged", Scope: "drawn", Rows: 4, IPS: metric.Interval{Mean: 3. / 4}, SNIPS: metric.Interval{Mean: 3. / 4}, Mean: metric.Interval{Mean: 3. / 4}, Effective: 4},
		// Shows 1 and 2 to everybody: user 4's second place counts for nothing.
		{
			Name: "no exploration", Scope: "all", Rows: 8, IPS: metric.Interval{Mean: (1 + 2*w) / 8}, SNIPS: metric.Interval{Mean: (1 + 2*w) / (4 + 3*w)},
			Mean: metric.Interval{Mean: 3. / 7}, Effective: (4 + 3*w) * (4 + 3*w) / (4 + 3*w*w),
		},
		{
			Name: "no exploration", Scope: "drawn", Rows: 4, IPS: metric.Interval{Mean: 2 * w / 4}, SNIPS: metric.Interval{Mean: 2. / 3},
			Mean: metric.Interval{Mean: 2. / 3}, Effective: 3,
		},
		// Shows 1 and 9 to everybody: of the second places only user 4's counts, four times.
		{
			Name: "newest option", Scope: "all", Rows: 8, IPS: metric.Interval{Mean: (1 + v) / 8}, SNIPS: metric.Interval{Mean: (1 + v) / (4 + v)},
			Mean: metric.Interval{Mean: 2. / 5}, Effective: (4 + v) * (4 + v) / (4 + v*v),
		},
		{
			Name: "newest option", Scope: "drawn", Rows: 4, IPS: metric.Interval{Mean: v / 4}, SNIPS: metric.Interval{Mean: 1},
			Mean: metric.Interval{Mean: 1}, Effective: 1,
		},
		// Turns every feed round, which the log never does; what is left has no weight to speak of.
		{Name: "newest first", Scope: "all", Rows: 8, Unsupported: 1, Impossible: "at 100 % of the places it shows posts that the log shows there with a propensity of 0, which no weight makes up for"},
		{Name: "newest first", Scope: "drawn", Rows: 4, Unsupported: 1, Impossible: "at 100 % of the places it shows posts that the log shows there with a propensity of 0, which no weight makes up for"},
	}
	limits := cmpopts.IgnoreFields(metric.Interval{}, "Low", "High")
	if diff := cmp.Diff(want, got.Policies, limits, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
	for _, p := range got.Policies {
		for _, i := range []metric.Interval{p.IPS, p.SNIPS, p.Mean} {
			if i.Low > i.Mean || i.High < i.Mean || math.IsNaN(i.Low+i.High) {
				t.Errorf("%s, %s: interval %+v", p.Name, p.Scope, i)
			}
		}
	}
	if got.Lists != 4 || got.Drawn != 4 || got.Nameless != 0 {
		t.Errorf("%d lists, %d places drawn, %d nameless; want 4, 4, 0", got.Lists, got.Drawn, got.Nameless)
	}
}

// What counts as a reward, in a feed of post 1 at begin.
func TestRewards(t *testing.T) {
	skipped := world(touch{1, 1, time.Hour})
	skipped.Events[0].Kind = interaction.Skip
	tests := map[string]struct {
		data *dataset.Dataset
		want float64
	}{
		"at once":            {world(touch{1, 1, 0}), 1},
		"within a day":       {world(touch{1, 1, 24 * time.Hour}), 1},
		"later":              {world(touch{1, 1, 24*time.Hour + time.Millisecond}), 0},
		"before":             {world(touch{1, 1, -time.Millisecond}), 0},
		"before and after":   {world(touch{1, 1, -time.Hour}, touch{1, 1, time.Hour}), 1},
		"twice":              {world(touch{1, 1, time.Minute}, touch{1, 1, time.Hour}), 1},
		"by somebody else":   {world(touch{2, 1, time.Hour}), 0},
		"of another post":    {world(touch{1, 2, time.Hour}), 0},
		"a skip is no touch": {skipped, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := Run([]feedlog.Entry{feed(1, certain(1))}, test.data, 10)
			if p := got.Policies[0]; p.IPS.Mean != test.want || p.Rows != 1 {
				t.Errorf("reward %v over %d places, want %v over 1", p.IPS.Mean, p.Rows, test.want)
			}
		})
	}
}

func TestWhatTellsNothing(t *testing.T) {
	drawn := held(2, 1, 9)
	drawn.Instead[0].Propensity = 0
	gone := explored(9, 1, 2)
	gone.Instead[0].Propensity = 0
	never := certain(1)
	never.Propensity = 0
	tests := map[string]struct {
		entries []feedlog.Entry
		k       int
		policy  string
		want    string // why it is impossible, "" where it is not
	}{
		"no feed":                             {nil, 10, "logged", "no place was logged"},
		"nobody that is known":                {[]feedlog.Entry{feed(0, certain(1))}, 10, "logged", "no place was logged"},
		"an empty feed":                       {[]feedlog.Entry{feed(1)}, 10, "no exploration", "no place was logged"},
		"an option that is none":              {[]feedlog.Entry{feed(1, drawn)}, 10, "no exploration", ""},
		"a newcomer that never comes":         {[]feedlog.Entry{feed(1, drawn)}, 10, "newest option", "at 100 % of the places"},
		"who always gives way":                {[]feedlog.Entry{feed(1, gone)}, 10, "no exploration", "at 100 % of the places"},
		"shown though impossible":             {[]feedlog.Entry{feed(1, never)}, 10, "no exploration", "at 100 % of the places"},
		"no overlap":                          {[]feedlog.Entry{feed(1, explored(9, .5, 2))}, 10, "no exploration", "no overlap"},
		"a feed that is newest first already": {[]feedlog.Entry{feed(1, certain(5), certain(3))}, 10, "newest first", ""},
		"only the first place counts":         {[]feedlog.Entry{feed(1, certain(3), certain(5))}, 1, "newest first", ""},
		"and both do":                         {[]feedlog.Entry{feed(1, certain(3), certain(5))}, 2, "newest first", "at 100 % of the places"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, p := range Run(test.entries, world(touch{1, 1, 0}), test.k).Policies {
				if p.Name == test.policy && p.Scope == AllPlaces && (test.want == "" && p.Impossible != "" || !strings.Contains(p.Impossible, test.want)) {
					t.Errorf("impossible: %q, want %q", p.Impossible, test.want)
				}
				if p.Impossible != "" && (p.IPS != metric.Interval{} || p.Effective != 0) {
					t.Errorf("%s is impossible and estimated: %+v", p.Name, p)
				}
			}
		})
	}
}

// Over many draws the estimates come near what the policies are truly worth, and the plain mean, which
// takes no account of who is asked how often, does not: those who like newcomers least get them most.
func TestEstimatesAreUnbiased(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 5))
	var entries []feedlog.Entry
	var touches []touch
	for user := range int64(6000) {
		likely, likes := .8, .1 // how often the newcomer is drawn, how often the user touches it
		if user%2 == 0 {
			likely, likes = .2, .7
		}
		place := held(2, 1-likely, 9)
		if dice.Float64() < likely {
			place = explored(9, likely, 2)
		}
		entries = append(entries, feed(user+1, place))
		if rate := map[int64]float64{9: likes, 2: .3}[place.Post]; dice.Float64() < rate {
			touches = append(touches, touch{user + 1, place.Post, time.Hour})
		}
	}
	for _, p := range Run(entries, world(touches...), 10).Policies {
		truth := map[string]float64{"no exploration": .3, "newest option": .4}[p.Name]
		if truth == 0 || p.Scope != DrawnPlaces {
			continue
		}
		if p.IPS.Low > truth || p.IPS.High < truth || p.SNIPS.Low > truth || p.SNIPS.High < truth {
			t.Errorf("%s: IPS %+v, SNIPS %+v; the truth is %v", p.Name, p.IPS, p.SNIPS, truth)
		}
		if p.Name == "newest option" && p.Mean.High > .3 {
			t.Errorf("the plain mean is %+v; it should be far below the truth here", p.Mean)
		}
		if p.Effective >= float64(p.Rows) || p.Effective < 1000 {
			t.Errorf("%s: %.0f effective places of %d", p.Name, p.Effective, p.Rows)
		}
	}
}

func TestReports(t *testing.T) {
	entries, data := fourFeeds()
	data.Events[2].At-- // the newest
	r := Run(append(entries, feed(0, certain(1))), data, 10)
	var table, text bytes.Buffer
	if err := errors.Join(r.WriteTable(&table), r.WriteJSON(&text)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"4 logged feeds of known users, 1 of users whom", "4 of them were served less than a day", "effective",
		"newest first, all places: impossible to say, at 100 % of the places",
	} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, &table)
		}
	}
	var s summaryJSON
	decoder := json.NewDecoder(&text)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		t.Fatal(err)
	}
	if s.Protocol != "replay" || s.Lists != 4 || s.K != 10 || len(s.Systems) != 8 || *s.Systems[0].IPS != .5 || s.Systems[7].IPS != nil {
		t.Errorf("summary %+v", s)
	}
}

func TestNothingWasDrawn(t *testing.T) {
	var table bytes.Buffer
	if err := Run([]feedlog.Entry{feed(1, certain(1))}, world(touch{1, 1, 0}), 10).WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(table.String(), "can't tell policies apart") || strings.Contains(table.String(), DrawnPlaces) {
		t.Errorf("the table is:\n%s", &table)
	}
}
