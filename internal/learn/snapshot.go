package learn

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"resonance/internal/catalog"
	"resonance/internal/collab"
	"resonance/internal/errs"
	"resonance/internal/signal"
)

// Encoded returns everyone's rows as a store keeps them.
func Encoded(index *catalog.Index, crowd *signal.Crowd) map[int64][]byte {
	rows := map[int64][]byte{}
	for user, row := range crowd.Rows() {
		rows[user] = Encode(index, row)
	}
	return rows
}

// Decoded returns the lesson of rows as a store keeps them; see Decode.
func Decoded(index *catalog.Index, encoded map[int64][]byte) (Lesson, error) {
	rows := Rows{}
	for user, b := range encoded {
		row, err := Decode(index, b)
		if err != nil {
			return Lesson{}, fmt.Errorf("user %d: %w", user, err)
		}
		if len(row) > 0 {
			rows[user] = row
		}
	}
	return NewLesson(index, rows)
}

// Encode writes a row of posts that index knows: for each touch, oldest first, the post's id and by
// how many milliseconds it came after the one before, as variable-length integers.
func Encode(index *catalog.Index, row []collab.Touch) []byte {
	b := make([]byte, 0, 6*len(row))
	before := int64(0)
	for _, t := range row {
		b = binary.AppendUvarint(b, uint64(index.Entry(catalog.Ordinal(t.Item)).ID))
		b = binary.AppendVarint(b, t.At-before)
		before = t.At
	}
	return b
}

// Decode reads what Encode wrote, without the posts that index does not know or that are gone. The
// error wraps errs.Invalid.
func Decode(index *catalog.Index, b []byte) (row []collab.Touch, err error) {
	at := int64(0)
	for len(b) > 0 {
		id, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, fmt.Errorf("%w: a snapshot's row breaks off", errs.Invalid)
		}
		step, m := binary.Varint(b[n:])
		if m <= 0 {
			return nil, fmt.Errorf("%w: a snapshot's row breaks off", errs.Invalid)
		}
		at, b = at+step, b[n+m:]
		if o, known := index.Lookup(int64(id)); known && !index.Entry(o).Gone {
			row = append(row, collab.Touch{Item: int32(o), At: at})
		}
	}
	return row, nil
}

// String returns the recipe as JSON.
func (r Recipe) String() string {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // there are only numbers and texts in it
	}
	return string(b)
}

// ParseRecipe reads what String wrote; the error wraps errs.Invalid.
func ParseRecipe(s string) (r Recipe, err error) {
	if err := json.Unmarshal([]byte(s), &r); err != nil {
		return Recipe{}, fmt.Errorf("%w: recipe: %w", errs.Invalid, err)
	}
	if r.Trees != nil {
		if err := r.Trees.Check(); err != nil {
			return Recipe{}, fmt.Errorf("recipe: %w", err)
		}
	}
	return r, nil
}
