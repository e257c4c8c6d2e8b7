package learn

import (
	"resonance/internal/errs"
	"resonance/internal/evaluate/protocol"
)

// The rules by which a part of the stored history is held out to choose on. Package protocol
// describes them.
const (
	TimeSplit = "time-split"
	Live      = "live"
	LeaveLast = "leave-last"
	LastFifth = "last-fifth"
	Random    = "random"
	// Mixed is all of these but live together: what a service tunes by. The next touch alone would have it look at
	// little but the last few.
	Mixed = "mixed"
)

// cut holds parts of events out, by one of the rules.
type cut func(events []protocol.Event, items []protocol.Item) []protocol.Split

// cuts hold out several parts a user, so that a comparison has power; each part is inside the
// history that is given, the newest of which takes part.
var cuts = map[string]cut{
	TimeSplit: func(events []protocol.Event, items []protocol.Item) []protocol.Split {
		return protocol.Windows(events, items, 60, 90, 10)
	},
	Live: func(events []protocol.Event, _ []protocol.Item) []protocol.Split {
		return protocol.Stream(events, 80, 100, 125)
	},
	LeaveLast: func(events []protocol.Event, _ []protocol.Item) (splits []protocol.Split) {
		for part := protocol.Test; part < protocol.Test+4; part++ {
			splits = append(splits, protocol.LeaveLast(events, part))
		}
		return splits
	},
	LastFifth: func(events []protocol.Event, _ []protocol.Item) []protocol.Split {
		return []protocol.Split{protocol.LastFifth(events, protocol.Test), protocol.LastFifth(events, protocol.Validation)}
	},
	Random: func(events []protocol.Event, _ []protocol.Item) (splits []protocol.Split) {
		for seed := uint64(1000); seed < 1002; seed++ {
			splits = append(splits, protocol.Random(events, seed, protocol.Test))
		}
		return splits
	},
	Mixed: func(events []protocol.Event, items []protocol.Item) []protocol.Split {
		splits := protocol.Windows(events, items, 60, 90, 10)
		for part := protocol.Test; part < protocol.Test+5; part++ {
			splits = append(splits, protocol.LeaveLast(events, part))
		}
		return append(splits, protocol.LastFifth(events, protocol.Test), protocol.Random(events, 1000, protocol.Test))
	},
}

// Protocols returns the names of the rules.
func Protocols() []string { return []string{TimeSplit, Live, LeaveLast, LastFifth, Random, Mixed} }

// CheckProtocol reports whether name is a rule's; the error wraps errs.Invalid and lists them.
func CheckProtocol(name string) error { return errs.OneOf("protocol", name, Protocols()) }
