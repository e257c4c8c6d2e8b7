package graph_test

import (
	"fmt"
	"strings"
	"testing"
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
	for name, test := range map[string]struct {
		query func(int) string
		most  int
		code  string
	}{
		"bytes":  {document, 32 << 10, "COMPLEXITY_LIMIT"},
		"tokens": {tokens, 1000, "GRAPHQL_PARSE_FAILED"},
		"cost":   {cost, 20_000, "COMPLEXITY_LIMIT"},
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
