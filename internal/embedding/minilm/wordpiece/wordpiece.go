// Package wordpiece cuts text into the word pieces of an uncased BERT vocabulary, as Hugging
// Face's fast BertTokenizer does. Of all Unicode characters 568 are classed differently, nearly
// all of rare scripts and classed after Unicode 8, whose tables the original still has.
//
// Text is cleaned and folded (clean), split into words at spaces and around punctuation,
// and each word is cut greedily into the longest pieces that the vocabulary knows.
package wordpiece

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxWord is the length in characters past which a word is not cut but unknown.
const maxWord = 100

// Tokenizer turns text into ids. It is immutable and safe for concurrent use.
type Tokenizer struct {
	first    map[string]int32 // pieces that begin a word
	rest     map[string]int32 // pieces that continue one, without their "##"
	longest  int              // bytes in the longest piece
	specials []special
	cls, sep int32
	unknown  int32
}

// special is a token that stands for itself wherever the raw text spells it.
type special struct {
	text string
	id   int32
}

// New returns a tokenizer over a vocabulary, one piece a line, its id being its line number
// from 0. The vocabulary must hold [PAD], [UNK], [CLS], [SEP] and [MASK]. The tokenizer keeps
// the string's memory.
func New(vocabulary string) (*Tokenizer, error) {
	lines := strings.Count(vocabulary, "\n") + 1
	t := &Tokenizer{
		first: make(map[string]int32, lines*4/5),
		rest:  make(map[string]int32, lines/5),
	}
	id := int32(0)
	for piece := range strings.SplitSeq(vocabulary, "\n") {
		if tail, ok := strings.CutPrefix(piece, "##"); ok && tail != "" {
			t.rest[tail] = id
		} else {
			t.first[piece] = id
		}
		t.longest = max(t.longest, len(piece))
		id++
	}
	for _, text := range []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"} {
		id, ok := t.first[text]
		if !ok {
			return nil, fmt.Errorf("read vocabulary: %s is missing", text)
		}
		t.specials = append(t.specials, special{text, id})
	}
	t.unknown, t.cls, t.sep = t.first["[UNK]"], t.first["[CLS]"], t.first["[SEP]"]
	return t, nil
}

// Encode returns the ids of text between [CLS] and [SEP], at most limit of them in all: what
// is past the limit is cut off before [SEP]. limit must be 2 or more. Any string is accepted;
// bytes that are not UTF-8 are dropped.
func (t *Tokenizer) Encode(text string, limit int) []int32 {
	e := &encoder{Tokenizer: t, ids: append(make([]int32, 0, min(limit, len(text)+2)), t.cls), limit: limit - 1}
	for text != "" && !e.full() {
		plain, token := t.nextSpecial(text)
		e.plain(text[:plain])
		text = text[plain:]
		if token != nil {
			e.add(token.id)
			text = text[len(token.text):]
		}
	}
	return append(e.ids, t.sep)
}

// nextSpecial finds the first special token in text: how many bytes stand before it, and
// which it is. Without one, all of text does, and it is nil.
func (t *Tokenizer) nextSpecial(text string) (before int, token *special) {
	for offset := 0; ; offset++ {
		open := strings.IndexByte(text[offset:], '[')
		if open < 0 {
			return len(text), nil
		}
		offset += open
		for i := range t.specials {
			if strings.HasPrefix(text[offset:], t.specials[i].text) {
				return offset, &t.specials[i]
			}
		}
	}
}

// encoder is one text on its way to ids.
type encoder struct {
	*Tokenizer
	ids   []int32
	limit int // without [SEP]
}

func (e *encoder) full() bool { return len(e.ids) >= e.limit }

func (e *encoder) add(ids ...int32) {
	e.ids = append(e.ids, ids[:min(len(ids), e.limit-len(e.ids))]...)
}

// plain adds the pieces of text that holds no special token.
func (e *encoder) plain(text string) {
	word := make([]byte, 0, 64)
	flush := func() {
		if len(word) > 0 {
			e.word(string(word))
			word = word[:0]
		}
	}
	for _, r := range clean(text) {
		switch {
		case e.full():
			return
		case isSpace(r):
			flush()
		case isPunctuation(r):
			flush()
			e.word(string(r))
		default:
			word = utf8.AppendRune(word, r)
		}
	}
	flush()
}

// word adds the longest pieces that make up word from its front, or [UNK] when some part of
// it is no piece.
func (e *encoder) word(word string) {
	if utf8.RuneCountInString(word) > maxWord {
		e.add(e.unknown)
		return
	}
	pieces, known := make([]int32, 0, 16), e.first
	for word != "" {
		id, size := longestPrefix(known, word, e.longest)
		if size == 0 {
			e.add(e.unknown)
			return
		}
		pieces, word, known = append(pieces, id), word[size:], e.rest
	}
	e.add(pieces...)
}

// longestPrefix returns the id and size in bytes of the longest prefix of word, of whole
// characters and at most limit bytes, that pieces holds; size 0 when it holds none.
func longestPrefix(pieces map[string]int32, word string, limit int) (id int32, size int) {
	for size = min(len(word), limit); size > 0; size-- {
		if size < len(word) && !utf8.RuneStart(word[size]) {
			continue
		}
		if id, ok := pieces[word[:size]]; ok {
			return id, size
		}
	}
	return 0, 0
}

// clean drops control characters, makes every white space a space, sets spaces around CJK
// ideographs, takes accents off and lower-cases, in the order that Hugging Face does it.
func clean(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		switch {
		case isDropped(r):
		case isSpace(r):
			b.WriteByte(' ')
		case isIdeograph(r):
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return strings.Map(fold, norm.NFD.String(b.String()))
}
