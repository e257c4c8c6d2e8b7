// Package collab learns from what everybody did: which items follow, accompany and resemble
// which, from nothing but the order in which users first touched them.
//
// # The contract of every model
//
// FitX(ctx, data, params) returns a model of data or an error: wrapping errs.Invalid for
// parameters out of range, ErrTooLarge where a model states a bound, or the context's error,
// which is looked at in small steps. A fit runs on the calling goroutine alone, so its load is
// bounded and its result is the same bit for bit on one machine, whatever GOMAXPROCS is.
//
// A fitted model never changes and is safe for concurrent use. Score(history, out, scratch)
// overwrites out with a score for every item, higher is better, from a weighted history, newest
// first; only the order of the scores means something, and that only between items. The
// history need not be that of a user in training, so a user's latest events count at once.
// An empty history scores 0 everywhere. Items that the model has not seen score 0, in the
// history they are ignored, and out may be longer than the model's items: posts that came after
// the fit do no harm. Items of the history get a score too; leaving them out is the caller's.
// Score allocates nothing once its scratch has grown to the model's size.
//
// Transitions and Popularity can be brought up to date without a fit: see Transitions.Replace.
package collab
