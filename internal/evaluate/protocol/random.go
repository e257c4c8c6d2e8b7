package protocol

import "slices"

// Random is M3: an event whose line hashes to 0 mod 5 is taken away, and its item is relevant
// unless training still holds another event of that user with it. Candidates are all items but
// those of the history; now is the latest training time plus one second.
//
//	held out = splitmix64((seed << 32) + line) mod 5 == 0
//
// The published figures are means over seeds 0, 1 and 2. Validation holds out with seed + 1000
// inside the training part, Part n with seed + 1000 (n - 1).
func Random(events []Event, seed uint64, part Part) Split {
	var split Split
	var held []Event
	for _, e := range sorted(events) {
		switch depth := heldAt(e.Line, seed, part); depth {
		case 0:
			split.Train = append(split.Train, e)
		case part:
			held = append(held, e)
		}
	}
	histories := sequences(firstTouches(split.Train))
	relevant := make(map[int64][]int64)
	for _, v := range firstTouches(held) {
		known := func(t Touch) bool { return t.Item == v.Item }
		if !slices.ContainsFunc(histories[v.user], known) {
			relevant[v.user] = append(relevant[v.user], v.Item)
		}
	}
	for _, items := range relevant {
		slices.Sort(items)
	}
	split.ask(histories, relevant)
	return split
}

// heldAt returns the first part, up to the given one, that takes the line out of training,
// or 0 when none does.
func heldAt(line int, seed uint64, part Part) Part {
	for p := Test; p <= part; p++ {
		if splitmix64((seed+1000*uint64(p-1))<<32+uint64(line))%5 == 0 {
			return p
		}
	}
	return 0
}

// splitmix64 is one step of Steele, Lea and Flood's generator (2014) from the state x.
func splitmix64(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}
