// Package evaluate measures the engine that serves, on events of the past that it may not see,
// with simpler recommenders beside it.
//
// A protocol makes the lists (package protocol): who asks, when, and what was relevant. Each
// system is told the training part and ranks the candidates of each list; figures over lists
// come with intervals in which users are resampled.
//
// The engine reads package past: a store in memory in which, at the moment of a list, nothing
// stands that happened at that moment or later, and whose clock shows that moment. Baselines are
// given the training part and the list, and nothing else.
package evaluate
