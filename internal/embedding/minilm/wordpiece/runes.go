package wordpiece

import (
	"unicode"
	"unicode/utf8"
)

// isDropped says whether r is removed before anything else looks at it: invalid, or a control,
// format or private use character, tab and line ends excepted.
func isDropped(r rune) bool {
	switch r {
	case '\t', '\n', '\r':
		return false
	case utf8.RuneError:
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

// isSpace says whether r has Unicode's White_Space property.
func isSpace(r rune) bool { return unicode.IsSpace(r) }

// isPunctuation says whether r is a word of its own: every ASCII character that is neither a
// letter, a digit, a space nor a control, and Unicode's category P.
func isPunctuation(r rune) bool {
	if r < utf8.RuneSelf {
		return '!' <= r && r <= '/' || ':' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
	}
	return unicode.IsPunct(r)
}

// isIdeograph says whether r is in one of the CJK blocks that are cut into single characters;
// kana and hangul are not. 2B920 is as in the original, though the block begins at 2B820.
func isIdeograph(r rune) bool {
	return 0x4E00 <= r && r <= 0x9FFF ||
		0x3400 <= r && r <= 0x4DBF ||
		0x20000 <= r && r <= 0x2A6DF ||
		0x2A700 <= r && r <= 0x2B73F ||
		0x2B740 <= r && r <= 0x2B81F ||
		0x2B920 <= r && r <= 0x2CEAF ||
		0xF900 <= r && r <= 0xFAFF ||
		0x2F800 <= r && r <= 0x2FA1F
}

// fold lower-cases r, or returns -1 for a combining mark, which an accent is once decomposed.
func fold(r rune) rune {
	if unicode.Is(unicode.Mn, r) {
		return -1
	}
	return unicode.ToLower(r)
}
