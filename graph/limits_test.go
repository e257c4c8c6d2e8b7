package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLimitsAreCrossedByOne(t *testing.T) {
	document := func(bytes int) string {
		query := `{ topics { id } } #`
		return query + strings.Repeat("x", bytes-len(query))
	}
	tokens := func(n int) string { return `{ post(id: 1) { ` + strings.Repeat("id ", n-10) + `} }` }
	// Two feeds of 99 cost 2·100 + 2·99·100 with 100 fields each: 20,000.
	cost := func(n int) string {
		feed := `feed(username: "a", topK: 99) { ` + strings.Repeat("id ", 100) + `}`
		return `{ a: ` + feed + ` b: ` + feed + strings.Repeat(` c: __typename`, n-20_000) + ` }`
	}
	// __schema, types, name and what is between them.
	depth := func(n int) string {
		return `{ __schema { types { ` + strings.Repeat("ofType { ", n-3) + "name" + strings.Repeat(" }", n)
	}
	aliases := func(n int) string {
		return `{ post(id: 1) { ` + strings.Repeat("a: id ", n/2) + `...F } } fragment F on Post { ` + strings.Repeat("a: id ", n-n/2) + `}`
	}
	// Four on a spread, an inline fragment, a field beside and a field in the fragment; the rest on fields.
	directives := func(n int) string {
		return `query ($x: Boolean = true) { post(id: 1) { ` + strings.Repeat("id @skip(if: $x) ", n-4) + `...F @include(if: $x) ... @include(if: $x) { slug } } topics { id @skip(if: $x) } } fragment F on Post { id @skip(if: $x) }`
	}
	for name, test := range map[string]struct {
		query func(int) string
		most  int
		code  string
	}{
		"bytes":      {document, 32 << 10, "COMPLEXITY_LIMIT"},
		"tokens":     {tokens, 1000, "COMPLEXITY_LIMIT"},
		"depth":      {depth, 20, "COMPLEXITY_LIMIT"},
		"aliases":    {aliases, 30, "COMPLEXITY_LIMIT"},
		"directives": {directives, 30, "COMPLEXITY_LIMIT"},
		"cost":       {cost, 20_000, "COMPLEXITY_LIMIT"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			if got := ask(t, newHandler(w), test.query(test.most), ""); len(got.Errors) > 0 {
				t.Errorf("at the limit: %.300s", got.Body)
			}
			before := w.calls.Load()
			if got := ask(t, newHandler(w), test.query(test.most+1), ""); got.code(t) != test.code || got.Data != nil {
				t.Errorf("past the limit: %.300s", got.Body)
			}
			if w.calls.Load() != before {
				t.Error("work was done before the refusal")
			}
		})
	}
}

func TestCostMultipliesByTheSizeThatIsAsked(t *testing.T) {
	fields := strings.Repeat("id ", 210) // ·100 is too much, ·90 is not
	for _, test := range []struct {
		query, variables string
		refused          bool
	}{
		{`query ($n: Int) { feed(username: "a", topK: $n) { %s } }`, `{"n": 90}`, false},
		{`query ($n: Int) { feed(username: "a", topK: $n) { %s } }`, `{"n": 100}`, true},
		{`query ($n: Int = 100) { feed(username: "a", topK: $n) { %s } }`, ``, true},
		{`{ feed(username: "a") { %s } }`, ``, false},
		{`{ feed(username: "a", topK: null) { %s } }`, ``, false},
		{`{ feedConnection(username: "a", first: 100) { edges { node { %s } } } }`, ``, true},
		{`{ categories { %s } }`, ``, true},
		{`{ post(id: 1) { %s } }`, ``, false},
		{`{ ... { feed(username: "a", topK: 100) { %s } } }`, ``, true},
		{`{ ...F } fragment F on Query { feed(username: "a", topK: 100) { ...G } } fragment G on Post { %s }`, ``, true},
	} {
		got := ask(t, newHandler(newWorld()), fmt.Sprintf(test.query, fields), test.variables)
		if refused := len(got.Errors) > 0 && got.Errors[0].Extensions.Code == "COMPLEXITY_LIMIT"; refused != test.refused {
			t.Errorf("%s %s: %.200s", test.query, test.variables, got.Body)
		}
	}
}

// Spreads of spreads double the cost with every level, but not the time to find that out.
func TestFragmentBombIsRefusedAtOnce(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString(`{ ...F0 }`)
	for i := range 60 {
		fmt.Fprintf(&bomb, " fragment F%d on Query { ...F%d ...F%d }", i, i+1, i+1)
	}
	bomb.WriteString(` fragment F60 on Query { topics { id } }`)
	if got := ask(t, newHandler(newWorld()), bomb.String(), ""); got.code(t) != "COMPLEXITY_LIMIT" {
		t.Errorf("%.300s", got.Body)
	}
}

// A spread counts what its fragment holds, each time.
func TestWhatFragmentsHoldCountsAtEverySpread(t *testing.T) {
	fragment := ` fragment F on Query { ` + strings.Repeat("a: __typename @skip(if: false) ", 16) + `}`
	if got := ask(t, newHandler(newWorld()), `{ ...F }`+fragment, ""); len(got.Errors) > 0 {
		t.Error(got.Body)
	}
	if got := ask(t, newHandler(newWorld()), `{ ...F ... { ...F } }`+fragment, ""); got.code(t) != "COMPLEXITY_LIMIT" {
		t.Error(got.Body)
	}
}

// What tools send to read the schema is within the limits.
func TestTheIntrospectionQueryOfToolsIsAnswered(t *testing.T) {
	typeRef := "kind name "
	for range 9 {
		typeRef = "kind name ofType { " + typeRef + "} "
	}
	input := `name description isDeprecated deprecationReason defaultValue type { ` + typeRef + `}`
	query := `query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
		types { kind name description specifiedByURL isOneOf
			fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ` + input + ` } type { ` + typeRef + `} isDeprecated deprecationReason }
			inputFields(includeDeprecated: true) { ` + input + ` } interfaces { ` + typeRef + `}
			enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ` + typeRef + `} }
		directives { name description isRepeatable locations args(includeDeprecated: true) { ` + input + ` } } } }`
	if got := ask(t, newHandler(newWorld()), query, ""); len(got.Errors) > 0 || got.Data == nil {
		t.Errorf("%.500s", got.Body)
	}
}

// An operation whose time is over is answered as something that may succeed later.
func TestAnOperationHasTenSeconds(t *testing.T) {
	for _, test := range []struct {
		takes time.Duration
		code  string
	}{{10*time.Second - 1, ""}, {10*time.Second + 1, "UNAVAILABLE"}} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			w.takes = test.takes
			if got := ask(t, newHandler(w), `{ topics { name } }`, ""); got.code(t) != test.code {
				t.Errorf("after %s: %s", test.takes, got.Body)
			}
		})
	}
}
