package evaluate

import (
	"cmp"
	"slices"

	"resonance/internal/errs"
	"resonance/internal/evaluate/dataset"
	"resonance/internal/evaluate/protocol"
	"resonance/internal/learn"
)

// The protocols; package protocol describes them.
const (
	TimeSplit = learn.TimeSplit
	Live      = learn.Live
	LeaveLast = learn.LeaveLast
	LastFifth = learn.LastFifth
	Random    = learn.Random
)

// Protocols returns the names of the protocols.
func Protocols() []string { return []string{TimeSplit, Live, LeaveLast, LastFifth, Random} }

// CheckProtocol reports whether name is a protocol's; the error wraps errs.Invalid and lists them.
func CheckProtocol(name string) error { return errs.OneOf("protocol", name, Protocols()) }

// randomSeeds are the seeds over which Random is averaged.
var randomSeeds = [...]uint64{0, 1, 2}

// trial is test splits and the validation splits, cut from what comes before them, on which
// the hyperparameters of the baselines are chosen.
type trial struct {
	test, validation []protocol.Split
}

// trials builds what is measured: one trial, or one for each seed.
func trials(name string, d *dataset.Dataset) []trial {
	events, items := d.Touches(), d.Items()
	both := func(build func(protocol.Part) []protocol.Split) trial {
		return trial{test: build(protocol.Test), validation: build(protocol.Validation)}
	}
	switch name {
	case TimeSplit:
		return []trial{both(func(p protocol.Part) []protocol.Split { return protocol.TimeSplit(events, items, p) })}
	case Live:
		return []trial{both(func(p protocol.Part) []protocol.Split { return protocol.Live(events, p) })}
	case LeaveLast:
		return []trial{both(func(p protocol.Part) []protocol.Split { return []protocol.Split{protocol.LeaveLast(events, p)} })}
	case LastFifth:
		return []trial{both(func(p protocol.Part) []protocol.Split { return []protocol.Split{protocol.LastFifth(events, p)} })}
	}
	var all []trial
	for _, seed := range randomSeeds {
		all = append(all, both(func(p protocol.Part) []protocol.Split { return []protocol.Split{protocol.Random(events, seed, p)} }))
	}
	return all
}

// rolls reports whether the lists of a protocol follow each other in time, so that each may see
// everything before its moment.
func rolls(name string) bool { return name == TimeSplit || name == Live }

// inTime returns the lists of a split, cold ones included, in the order of their moments.
func inTime(s *protocol.Split) []protocol.List {
	lists := slices.Concat(s.Lists, s.Cold)
	slices.SortStableFunc(lists, func(a, b protocol.List) int { return cmp.Compare(a.Now, b.Now) })
	return lists
}

// ordered returns events in their order of time.
func ordered(events []protocol.Event) []protocol.Event {
	slices.SortFunc(events, func(a, b protocol.Event) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.User, b.User), cmp.Compare(a.Item, b.Item))
	})
	return events
}
