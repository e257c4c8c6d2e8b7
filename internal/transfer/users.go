package transfer

import (
	"encoding/json"
	"fmt"
	"reflect"

	"resonance/internal/catalog"
	"resonance/internal/errs"
)

// userJSON is a line of users.jsonl.
type userJSON struct {
	ID         int64  `json:"id"`
	Username   string `json:"username"`
	FirstName  string `json:"first_name,omitzero"`
	LastName   string `json:"last_name,omitzero"`
	PictureURL string `json:"picture_url,omitzero"`
}

func decodeUser(line []byte, into *catalog.User) error {
	var j userJSON
	if err := json.Unmarshal(line, &j); err != nil {
		return explain(fmt.Errorf("%w: user: %w", errs.Invalid, err))
	}
	switch {
	case j.ID < 1 || j.ID > catalog.MaxID:
		return fmt.Errorf("%w: id: %d is not in 1..%d", errs.Invalid, j.ID, catalog.MaxID)
	case j.Username == "":
		return fmt.Errorf("%w: username: must not be empty", errs.Invalid)
	}
	*into = catalog.User(j)
	return nil
}

// kindInWords says what JSON a kind of Go value is read from.
func kindInWords(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "an object"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "a whole number"
}
