package learn

// folds is into how many parts users are divided, each measured with recipes chosen on the others.
const folds = 5

// foldOf spreads users over folds.
func foldOf(user int64) uint64 { return uint64(user) * 0x9E3779B97F4A7C15 >> 32 % folds }

// divided returns the places of the lists of users inside a fold and outside of it.
func (sh *sheet) divided(fold uint64) (inside, outside []int) {
	for place, user := range sh.users {
		if foldOf(user) == fold {
			inside = append(inside, place)
		} else {
			outside = append(outside, place)
		}
	}
	return inside, outside
}

// everyone returns the places of all lists.
func (sh *sheet) everyone() []int {
	places := make([]int, len(sh.users))
	for i := range places {
		places[i] = i
	}
	return places
}
