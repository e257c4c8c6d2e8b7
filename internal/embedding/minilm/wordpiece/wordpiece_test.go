package wordpiece

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/embedding/minilm/weights"
)

func newTokenizer(t testing.TB) *Tokenizer {
	t.Helper()
	file, err := os.ReadFile("../model/weights.bin")
	if err != nil {
		t.Fatal(err)
	}
	m, err := weights.Decode(string(file))
	if err != nil {
		t.Fatal(err)
	}
	tokenizer, err := New(m.Vocab)
	if err != nil {
		t.Fatal(err)
	}
	return tokenizer
}

// The golden ids are Hugging Face's; see ../testdata/reference.py.
func TestEncodeAsHuggingFace(t *testing.T) {
	var rows []struct {
		Text string
		IDs  []int32
	}
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	tokenizer := newTokenizer(t)
	for _, row := range rows {
		name := []rune(row.Text)
		t.Run(string(name[:min(len(name), 30)]), func(t *testing.T) {
			if diff := cmp.Diff(row.IDs, tokenizer.Encode(row.Text, 256)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", row.Text, diff)
			}
		})
	}
}

// A vocabulary of a few pieces, to see the greedy cut by hand.
func TestEncode(t *testing.T) {
	vocabulary := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "able", "##a", "!", "人"}
	tokenizer, err := New(strings.Join(vocabulary, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, text string
		limit      int
		want       string
	}{
		{"nothing", "", 9, "[CLS] [SEP]"},
		{"longest piece first", "unaffable", 9, "[CLS] un ##aff ##able [SEP]"},
		{"a start is no continuation", "ableun", 9, "[CLS] [UNK] [SEP]"},
		{"one unknown part spoils the word", "unaffx able", 9, "[CLS] [UNK] able [SEP]"},
		{"case and accents", "ÜNÁffable", 9, "[CLS] un ##aff ##able [SEP]"},
		{"punctuation and ideographs stand alone", "able!人able", 9, "[CLS] able ! 人 able [SEP]"},
		{"special tokens in the text", "able[MASK]able [mask]", 9, "[CLS] able [MASK] able [UNK] [UNK] [UNK] [SEP]"},
		{"cut inside a word", "unaffable", 4, "[CLS] un ##aff [SEP]"},
		{"no room", "able", 2, "[CLS] [SEP]"},
		{"invalid UTF-8", "ab\xffle \xc3", 9, "[CLS] able [SEP]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, id := range tokenizer.Encode(test.text, test.limit) {
				got = append(got, vocabulary[id])
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewRefusesAVocabularyWithoutSpecialTokens(t *testing.T) {
	if _, err := New("[PAD]\n[UNK]\n[CLS]\nword"); err == nil || !strings.Contains(err.Error(), "[SEP] is missing") {
		t.Errorf("error %v, want one that names [SEP]", err)
	}
}

func FuzzEncode(f *testing.F) {
	for _, text := range []string{"", "Hello, world!", "[SEP][[CLS]", "naïve 漢字 \xff\xfe", "é" + strings.Repeat("x", 200)} {
		f.Add(text, 256)
		f.Add(text, 3)
	}
	tokenizer := newTokenizer(f)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 2 {
			t.Skip("limit below its documented range")
		}
		ids := tokenizer.Encode(text, limit)
		if len(ids) < 2 || len(ids) > limit {
			t.Fatalf("%d ids, want 2 to %d", len(ids), limit)
		}
		if ids[0] != tokenizer.cls || ids[len(ids)-1] != tokenizer.sep {
			t.Errorf("%v is not between [CLS] and [SEP]", ids)
		}
		for _, id := range ids {
			if id < 0 || id >= weights.Vocabulary {
				t.Errorf("id %d is not in the vocabulary", id)
			}
		}
		whole := tokenizer.Encode(text, len(text)*4+2) // no text has more pieces
		if cut := append(slices.Clone(whole[:min(len(whole)-1, limit-1)]), tokenizer.sep); !slices.Equal(ids, cut) {
			t.Errorf("cut at %d: %v, want the front of %v", limit, ids, whole)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	tokenizer := newTokenizer(b)
	text := strings.Repeat("The host explains how unaffordable embeddings were, once: naïve! ", 20)
	b.ReportAllocs()
	for b.Loop() {
		tokenizer.Encode(text, 256)
	}
}
