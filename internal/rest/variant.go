package rest

import (
	"maps"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// variants describes an interaction by its kind, each with the fields that belong to it: what fits
// one of them is accepted. In lists, rows are answered one by one, so there any fields may come.
func variants(schemas huma.Registry) []*huma.Schema {
	row := schemas.SchemaFromRef(schemas.Schema(reflect.TypeFor[newInteraction](), true, "").Ref)
	one, hundred := 1., 100.
	none := func(description string) *huma.Schema {
		return &huma.Schema{Type: "null", Description: description, Examples: []any{nil}}
	}
	timeless := map[string]*huma.Schema{"watched_seconds": none("Not without a duration, nor beside a value."), "duration_seconds": none("As watched_seconds.")}
	number := func(field string) *huma.Schema {
		required := *row.Properties[field]
		required.Nullable = false
		return &required
	}
	rating := number("value")
	rating.Minimum, rating.Maximum, rating.Description = &one, &hundred, "The rating."
	watched := *row.Properties["value"]
	watched.Description = "How much of the video was watched in percent."
	others := slices.DeleteFunc(slices.Clone(row.Properties["kind"].Enum), func(kind any) bool { return kind == "view" || kind == "rating" })
	return []*huma.Schema{
		variant(row, "A view", []any{"view"}, timeless, map[string]*huma.Schema{"value": &watched}),
		variant(row, "A view by its seconds", []any{"view"},
			map[string]*huma.Schema{"value": none("Follows from the seconds.")},
			map[string]*huma.Schema{"watched_seconds": number("watched_seconds"), "duration_seconds": number("duration_seconds")}, "watched_seconds", "duration_seconds"),
		variant(row, "A rating", []any{"rating"}, timeless, map[string]*huma.Schema{"value": rating}, "value"),
		variant(row, "Any other kind", others, timeless, map[string]*huma.Schema{"value": none("Belongs to views and ratings.")}),
	}
}

// variant returns the schema of a row for some kinds, with other properties in place of its own and
// more that are required.
func variant(row *huma.Schema, title string, kinds []any, replaced, also map[string]*huma.Schema, required ...string) *huma.Schema {
	v := *row
	v.Title, v.Properties, v.Required = title, maps.Clone(row.Properties), slices.Concat(row.Required, required)
	kind := *row.Properties["kind"]
	kind.Enum, kind.Examples = kinds, kinds[:1]
	v.Properties["kind"] = &kind
	maps.Copy(v.Properties, replaced)
	maps.Copy(v.Properties, also)
	return &v
}
