package rest

import (
	"strconv"
	"unicode/utf8"

	"resonance/internal/catalog"
)

// writer appends JSON to a buffer, one key and value a call. Keys are written as they are: they
// must need no escaping.
type writer struct {
	buf   []byte
	reach catalog.Projects // whose counts are shown
}

func (w *writer) text(key, value string) {
	w.key(key)
	w.buf = appendString(w.buf, value)
}

func (w *writer) textOrNull(key string, value *string) {
	if value == nil {
		w.null(key)
		return
	}
	w.text(key, *value)
}

func (w *writer) texts(key string, values []string) {
	w.open(key, '[')
	for _, value := range values {
		w.comma()
		w.buf = appendString(w.buf, value)
	}
	w.close(']')
}

func (w *writer) number(key string, value int64) {
	w.key(key)
	w.buf = strconv.AppendInt(w.buf, value, 10)
}

func (w *writer) flag(key string, value bool) {
	w.key(key)
	w.buf = strconv.AppendBool(w.buf, value)
}

func (w *writer) null(key string) {
	w.key(key)
	w.buf = append(w.buf, "null"...)
}

// open begins an object or a list under key; close ends it.
func (w *writer) open(key string, bracket byte) {
	w.key(key)
	w.buf = append(w.buf, bracket)
}

func (w *writer) close(bracket byte) { w.buf = append(w.buf, bracket) }

func (w *writer) key(key string) {
	w.comma()
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, key...)
	w.buf = append(w.buf, '"', ':')
}

// comma separates what comes from what came before it, if anything did.
func (w *writer) comma() {
	if last := w.buf[len(w.buf)-1]; last != '{' && last != '[' {
		w.buf = append(w.buf, ',')
	}
}

// appendString appends s as a JSON string, escaping only what RFC 8259 demands: the quote, the
// backslash and control characters. A byte that is not UTF-8 becomes U+FFFD.
func appendString(buf []byte, s string) []byte {
	buf = append(buf, '"')
	from := 0 // what comes before it is written
	for i := plain(s); i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				buf = append(append(buf, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += size
		} else if i++; c < ' ' || c == '"' || c == '\\' {
			buf = appendEscaped(append(buf, s[from:i-1]...), c)
			from = i
		} else {
			continue
		}
		i += plain(s[i:])
	}
	return append(append(buf, s[from:]...), '"')
}

// plain returns how many bytes at the start of s are surely to be written as they are: ASCII that needs no escaping. It looks at
// eight at a time, at the last eight of s in the end.
func plain(s string) int {
	const each, highest = 0x0101010101010101, 0x8080808080808080
	last := len(s) - 8
	for n := 0; last >= 0; n = min(n+8, last) {
		w := s[n : n+8]
		x := uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 | uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
		quotes, backslashes := x^each*'"', x^each*'\\'
		if (x|(x-each*' ')|(quotes-each)|(backslashes-each))&highest != 0 {
			return n
		}
		if n == last {
			return len(s)
		}
	}
	return 0
}

func appendEscaped(buf []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(buf, '\\', c)
	case '\b':
		return append(buf, `\b`...)
	case '\f':
		return append(buf, `\f`...)
	case '\n':
		return append(buf, `\n`...)
	case '\r':
		return append(buf, `\r`...)
	case '\t':
		return append(buf, `\t`...)
	}
	const hex = "0123456789abcdef"
	return append(buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
