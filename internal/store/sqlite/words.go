package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"resonance/internal/catalog"
)

// maxWords is how many words of a search are looked for.
const maxWords = 32

// FindWords returns the ids of up to limit posts of the projects that are shown and in which words of
// text stand, the best matches first: by BM25 (Robertson et al. 1994), a word of the title counting more
// than one of tags or the author's name, that more than one of category and topic, and these more than
// one of the description. Case, accents and English endings are ignored, and the last word may go on.
func (db *DB) FindWords(ctx context.Context, text string, within catalog.Projects, limit int) (ids []int64, err error) {
	match := matching(text)
	if match == "" {
		return nil, nil
	}
	codes := within.Codes()
	if codes == nil {
		codes = []string{}
	}
	projects, err := json.Marshal(codes)
	if err != nil {
		return nil, fmt.Errorf("encode projects: %w", err)
	}
	err = db.lend(ctx, func(c *conn) error {
		return c.each(ctx, findWords, []any{match, within.Every(), string(projects), limit}, func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("find words: %w", err)
	}
	return ids, nil
}

const findWords = `SELECT w.rowid FROM words w JOIN posts p ON p.id = w.rowid
	WHERE w.words MATCH ?1 AND p.gone = 0 AND p.public = 1 AND (?2 OR p.project IN (SELECT value FROM json_each(?3)))
	ORDER BY w.rank, w.rowid LIMIT ?4`

// matching returns the FTS5 query for posts that hold any word of text, "" for a text without words.
// Words are letters and digits and are quoted, so nothing in them is syntax.
func matching(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	words = words[:min(maxWords, len(words))]
	if len(words) == 0 {
		return ""
	}
	match := `"` + strings.Join(words, `" OR "`) + `"`
	if last := words[len(words)-1]; utf8.RuneCountInString(last) > 2 && !strings.HasSuffix(text, " ") {
		match += ` OR "` + last + `"*`
	}
	return match
}
