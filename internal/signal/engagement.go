package signal

// engagement is what upstream's own counters say of the post: catalog.Counters.Engagement. They were
// counted over more users than were copied, which helps where few events are known.
func engagement(q *Question, out []float64) {
	copy(out, q.sheet.Engagement)
}
