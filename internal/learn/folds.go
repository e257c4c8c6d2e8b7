package learn

// folds is into how many parts users are divided, each measured with what is chosen on the others. What is chosen by fold
// is chosen once more, at the end, on everyone: beside the folds, since that is to be done as well and processors are many.
const folds = 5

// foldOf spreads users over folds.
func foldOf(user int64) uint64 { return uint64(user) * 0x9E3779B97F4A7C15 >> 32 % folds }

// divided returns the places of the lists of users inside a fold and outside of it; nobody is inside of the one after the last.
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
