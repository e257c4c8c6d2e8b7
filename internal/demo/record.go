package demo

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// record is one block of a text file: lines of "key: value", then free text. Blocks are parted
// by blank lines; lines that begin with # are comments.
type record struct {
	where  string // file:line of its first line
	kind   string // the first line's key
	fields map[string]string
	text   string // the free text as one line
}

var keyLine = regexp.MustCompile(`^([a-z]+): +(\S.*)$`)

// parseRecords reads the blocks of a file. A line counts as free text from the first one on that is
// no "key: value".
func parseRecords(name, content string) ([]record, error) {
	var all []record
	open := false
	for n, line := range strings.Split(content, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		if line == "" {
			open = false
			continue
		}
		m := keyLine.FindStringSubmatch(line)
		if !open {
			where := fmt.Sprintf("%s:%d", name, n+1)
			if m == nil {
				return nil, fmt.Errorf("%s: a block begins with \"key: value\", not %q", where, line)
			}
			all, open = append(all, record{where: where, kind: m[1], fields: map[string]string{}}), true
		}
		r := &all[len(all)-1]
		if m == nil || r.text != "" {
			r.text = strings.TrimSpace(r.text + " " + line)
			continue
		}
		if _, twice := r.fields[m[1]]; twice {
			return nil, fmt.Errorf("%s: %s is given twice", r.where, m[1])
		}
		r.fields[m[1]] = m[2]
	}
	return all, nil
}

// allow reports a key that is not one of keys.
func (r record) allow(keys ...string) error {
	for key := range r.fields {
		if key != r.kind && !slices.Contains(keys, key) {
			return fmt.Errorf("%s: a %s has no %q", r.where, r.kind, key)
		}
	}
	return nil
}

// list returns a field's values, which commas part; nil when it is absent.
func (r record) list(key string) []string { return splitList(r.fields[key]) }

func splitList(s string) []string {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// parseTable reads lines of columns cells that | parts, and calls row with each line's trimmed
// cells; an error of row is told with its line.
func parseTable(fsys fs.FS, name string, columns int, row func(cells []string) error) error {
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	for n, line := range strings.Split(string(content), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if len(cells) != columns {
			return fmt.Errorf("%s:%d: has %d columns, not %d", name, n+1, len(cells), columns)
		}
		if err := row(cells); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n+1, err)
		}
	}
	return nil
}

// parseAge reads a length of time such as "96d 5h", "90m" or "3d": days, hours and minutes.
func parseAge(s string) (time.Duration, error) {
	units := map[byte]time.Duration{'d': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute}
	var age time.Duration
	parts := strings.Fields(s)
	for _, part := range parts {
		last := len(part) - 1
		count, err := strconv.ParseUint(part[:last], 10, 16)
		if err != nil || units[part[last]] == 0 {
			return 0, fmt.Errorf("age %q is not like \"96d 5h\"", s)
		}
		age += time.Duration(count) * units[part[last]]
	}
	if age == 0 {
		return 0, fmt.Errorf("age %q is not like \"96d 5h\"", s)
	}
	return age, nil
}
