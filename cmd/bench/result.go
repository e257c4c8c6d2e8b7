package main

import (
	"slices"
	"time"
)

// result is what a load met.
type result struct {
	took    []time.Duration // of each request, sorted
	elapsed time.Duration
	cpu     time.Duration // that the server took
}

func newResult(perConnection [][]time.Duration, elapsed time.Duration) result {
	r := result{took: slices.Concat(perConnection...), elapsed: elapsed}
	slices.Sort(r.took)
	return r
}

// quantile returns the time within which a share of the requests, 0 to 1, was answered; 0 for no request.
func (r result) quantile(share float64) time.Duration {
	if len(r.took) == 0 {
		return 0
	}
	return r.took[min(len(r.took)-1, int(share*float64(len(r.took))))]
}

func (r result) p50() time.Duration { return r.quantile(.5) }
func (r result) p99() time.Duration { return r.quantile(.99) }

// perSecond returns the requests a second.
func (r result) perSecond() float64 { return float64(len(r.took)) / max(1e-9, r.elapsed.Seconds()) }

// cpuPerRequest returns the server's processor time for a request.
func (r result) cpuPerRequest() time.Duration {
	return r.cpu / time.Duration(max(1, len(r.took)))
}

// rounds are the results of one side, measured in turn with another.
type rounds []result

// all returns the rounds as one result.
func (rs rounds) all() result {
	var all result
	for _, r := range rs {
		all.took = append(all.took, r.took...)
		all.elapsed += r.elapsed
		all.cpu += r.cpu
	}
	slices.Sort(all.took)
	return all
}

// ratio returns what a figure of one side is in proportion to that of another: the median of the rounds,
// each compared with the one beside it, so that what comes and goes on a machine hits both.
func ratio(side, other rounds, figure func(result) float64) float64 {
	ratios := make([]float64, len(side))
	for i := range side {
		ratios[i] = figure(side[i]) / max(1e-12, figure(other[i]))
	}
	return median(ratios)
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	if n := len(values); n%2 == 0 && n > 0 {
		return (values[n/2-1] + values[n/2]) / 2
	}
	return values[len(values)/2]
}

func p50Seconds(r result) float64 { return r.p50().Seconds() }
