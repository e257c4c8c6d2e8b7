package protocol

// refit is how many first touches of Live pass between two fits of the models.
const refit = 50

// Live is S3, the stream as it came: for every first touch in the window, what would the feed
// have shown just before? The history is all that the user had touched before that moment,
// candidates are the items created by then, and that touch is the relevant one. Models learn
// once every 50 first touches from the events before the block's first; counts that need no
// fit may use every event before a list's Now.
// Test is everything from the .80 quantile of the events' rows on, Validation from .65 to .80.
// One split a block, lists in the order of the stream.
func Live(events []Event, part Part) []Split {
	if part == Test {
		return Stream(events, 80, 100, refit)
	}
	return Stream(events, 65, 80, refit)
}

// Stream is Live between two percentiles of the events' rows, models learning once a block of
// first touches.
func Stream(events []Event, from, to, block int) []Split {
	events = sorted(events)
	if len(events) == 0 {
		return nil
	}
	visits := firstTouches(events)
	histories := sequences(visits)
	end := int64(unbounded)
	if to < 100 {
		end = quantile(events, to)
	}
	stream := within(visits, quantile(events, from), end)
	var splits []Split
	for len(stream) > 0 {
		part := stream[:min(block, len(stream))]
		stream = stream[len(part):]
		split := Split{Train: events[:before(events, part[0].At)]}
		for _, v := range part {
			split.add(List{
				User: v.user, History: earlier(histories[v.user], v.At), Relevant: []int64{v.Item},
				Now: v.At, CreatedBefore: v.At + 1,
			})
		}
		splits = append(splits, split)
	}
	return splits
}

// within returns the visits, ordered by time, that lie in from <= At < to.
func within(visits []visit, from, to int64) []visit {
	for len(visits) > 0 && visits[0].At < from {
		visits = visits[1:]
	}
	for len(visits) > 0 && visits[len(visits)-1].At >= to {
		visits = visits[:len(visits)-1]
	}
	return visits
}

// earlier returns the touches, ordered by time, that lie before at.
func earlier(touches []Touch, at int64) []Touch {
	for len(touches) > 0 && touches[len(touches)-1].At >= at {
		touches = touches[:len(touches)-1]
	}
	return touches
}
