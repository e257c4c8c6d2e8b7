package graph

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// secretive returns the validation rules of a server that does not tell its schema: questions
// about it are refused, and errors suggest no names. handler.Server.SetDisableSuggestion silences
// the other rules that do.
func secretive() *rules.Rules {
	r := rules.NewDefaultRules()
	r.ReplaceRule(rules.KnownArgumentNamesRule.Name, rules.KnownArgumentNamesRuleWithoutSuggestions.RuleFunc)
	r.ReplaceRule(rules.KnownTypeNamesRule.Name, rules.KnownTypeNamesRuleWithoutSuggestions.RuleFunc)
	r.ReplaceRule(rules.ValuesOfCorrectTypeRule.Name, rules.ValuesOfCorrectTypeRuleWithoutSuggestions.RuleFunc)
	r.AddRule("NoIntrospection", refuseIntrospection)
	return r
}

func refuseIntrospection(events *core.Events, report core.AddErrFunc) {
	events.OnField(func(_ *core.Walker, field *ast.Field) {
		if field.Name == "__schema" || field.Name == "__type" {
			report(core.Message("introspection is switched off"), core.At(field.Position))
		}
	})
}
