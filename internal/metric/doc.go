// Package metric measures ranked lists: how well they hold what was relevant, how widely they
// spread over the catalogue, and how sure one can be of the figures.
//
// Everything here is pure. A ranking is a slice of item ids, best first, without repeats; the
// relevant items of a list are a Set. Per-list figures lie in 0..1, except novelty, which is in
// bits. A list whose relevant set is empty scores 0 and is better left out of a mean.
// The definitions are those of the reference's tables: binary gain, ideal over min(k, relevant).
package metric
