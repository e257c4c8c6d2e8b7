package evaluate

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"

	"resonance/internal/learn"
	"resonance/internal/rank"
	"resonance/internal/recommend"
	"resonance/internal/replica"
	"resonance/internal/signal"
)

// Engine is an engine over a replica of the past.
type Engine interface {
	Feed(ctx context.Context, request recommend.Request) (recommend.Feed, error)
	// Learn brings what is learnt in the background up to what the replica holds, by the recipe that
	// is given or, where that is nil, by one that it chooses; it returns the recipe. It is called at
	// the start of every training part.
	Learn(ctx context.Context, recipe *learn.Recipe) (*learn.Recipe, error)
}

// Serve makes the engine over a replica. rule is how it chooses a recipe, see recommend.Pupil. It is
// called for every past that does not grow out of the one before.
type Serve func(r *replica.Replica, rule string) Engine

// Real makes the engine that serves.
func Real(r *replica.Replica, rule string) Engine {
	return &struct {
		*recommend.Engine
		*recommend.Pupil
	}{recommend.New(r), &recommend.Pupil{Replica: r, Rule: rule, Workers: runtime.GOMAXPROCS(0)}}
}

// form is one way to ask an engine, and a row of the result. Forms of one engine share its past and
// what it has learnt.
type form struct {
	name    string
	request recommend.Request // besides the user and the length
}

// EngineName is the name of the engine as it serves, which is the first system.
const EngineName = "engine"

// equalName is the name of the engine that has chosen nothing: signals of a family weigh alike
// (rank.Prior), half-lives are in the data's own time.
const equalName = "equal"

// forms are the ways in which the engine is always asked. Nearness may echo the order in which the app
// that the data comes from served its posts.
var forms = []form{
	{EngineName, recommend.Request{}},
	{EngineName + ", no exploration", recommend.Request{NoExploration: true}},
	without("nearness"),
	{EngineName + ", no trees", recommend.Request{NoTrees: true}},
}

func without(signal string) form {
	return form{EngineName + ", no " + signal, recommend.Request{Without: signal}}
}

// ablations leave each signal out that forms do not.
func ablations() []form {
	var all []form
	for _, name := range signal.Names() {
		if name != "nearness" {
			all = append(all, without(name))
		}
	}
	return all
}

// describe says what a recipe is and how it was found.
func describe(r *learn.Recipe) string {
	var said []string
	switch t := r.Tuned; {
	case t == nil:
		said = append(said, "nothing chosen")
	case t.Lists == 0:
		said = append(said, "too few events to choose on")
	default:
		said = append(said, fmt.Sprintf("tuned by %s on %d lists of %d touches, nDCG %.4f before, %.4f after, gain %+.4f (%+.4f..%+.4f)",
			t.Protocol, t.Lists, t.Touches, t.Before, t.After, t.Gain.Mean, t.Gain.Low, t.Gain.High), fmt.Sprintf("trees beside them nDCG@100 %+.4f (%+.4f..%+.4f)", t.Trees.Mean, t.Trees.Low, t.Trees.High))
	}
	var weights []string
	for i, name := range signal.Names() {
		if w := r.Weight(name); w != rank.Prior()[i] {
			weights = append(weights, fmt.Sprintf("%s %.3g", name, w))
		}
	}
	if len(weights) == 0 {
		said = append(said, "weights equal within families")
	} else {
		said = append(said, "weights equal within families but "+strings.Join(weights, ", "))
	}
	settings, err := json.Marshal(r.Settings)
	if err != nil {
		panic(err) // there are only numbers in it
	}
	return strings.Join(append(said, string(settings)), "; ")
}
