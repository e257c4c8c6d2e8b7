package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
)

// tagList writes tags into a column, and reads them, as a JSON list.
type tagList struct{ tags *[]string }

const noTags = "[]"

// Value implements driver.Valuer.
func (l tagList) Value() (driver.Value, error) {
	if len(*l.tags) == 0 {
		return noTags, nil
	}
	list, err := json.Marshal(*l.tags)
	return string(list), err
}

// Scan implements sql.Scanner.
func (l tagList) Scan(column any) error {
	text, ok := column.(string)
	*l.tags = nil
	switch {
	case !ok:
		return fmt.Errorf("tags are %T, not text", column)
	case text == noTags:
		return nil
	}
	if list, ok := strings.CutPrefix(text, `["`); ok && !strings.Contains(text, `\`) { // as Value writes it, with no quote in a tag
		if list, ok = strings.CutSuffix(list, `"]`); ok {
			*l.tags = strings.Split(list, `","`)
			return nil
		}
	}
	return json.Unmarshal([]byte(text), l.tags)
}
