package weights

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

func readFile(t *testing.T) string {
	t.Helper()
	file, err := os.ReadFile("../model/weights.bin")
	if err != nil {
		t.Fatal(err)
	}
	return string(file)
}

func TestCommittedFile(t *testing.T) {
	file := readFile(t)
	if limit := 30_000_000; len(file) > limit {
		t.Errorf("the file has %d bytes, want at most %d", len(file), limit)
	}
	if err := Verify(file); err != nil {
		t.Error(err)
	}
	m, err := Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := Encode(&again, m); err != nil {
		t.Fatal(err)
	}
	if again.String() != file {
		t.Error("encoding what was decoded gives another file")
	}
}

func TestVerifyFindsOneFlippedBit(t *testing.T) {
	file := []byte(readFile(t))
	file[len(file)/2] ^= 1
	if err := Verify(string(file)); err == nil {
		t.Error("no error")
	}
}

func TestDecodeRefuses(t *testing.T) {
	file := readFile(t)
	newer := []byte(file)
	newer[len(magic)]++
	shorter := strings.Replace(file, "\n", " ", 1)
	tests := map[string]struct{ file, want string }{
		"nothing":           {"", "not a weights file"},
		"another format":    {strings.Repeat("x", 100), "not a weights file"},
		"a newer version":   {string(newer), "version 2, want 1"},
		"a missing piece":   {shorter, "30521 pieces"},
		"only a header":     {file[:headerSize], "cut short"},
		"half a vocabulary": {file[:headerSize+1000], "cut short"},
		"half a matrix":     {file[:len(file)/2], "cut short"},
		"a byte too few":    {file[:len(file)-1], "cut short"},
		"a byte too many":   {file + "x", "1 bytes too many"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(test.file)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that says %q", err, test.want)
			}
		})
	}
}

func TestQuantiseIsWithinHalfAStep(t *testing.T) {
	const rows, cols = 3, 2 * Group
	random := rand.New(rand.NewPCG(1, 2))
	values := make([]float32, rows*cols)
	for i := range values {
		values[i] = float32(random.NormFloat64()) * float32(i/Group) // the first group is all 0
	}
	q := Quantise(values, rows, cols)
	got := make([]float32, len(values))
	for i := range rows {
		q.Row(got[i*cols:(i+1)*cols], i)
	}
	for start := 0; start < len(values); start += Group {
		var largest float64
		for _, v := range values[start : start+Group] {
			largest = max(largest, math.Abs(float64(v)))
		}
		for i := start; i < start+Group; i++ {
			if miss := math.Abs(float64(got[i] - values[i])); miss > largest/127/2*1.0001 {
				t.Errorf("entry %d is %g, want %g: off by more than half of %g", i, got[i], values[i], largest/127)
			}
		}
	}
}

func TestStripsHoldEveryEntry(t *testing.T) {
	const rows, cols, width = 6, 2 * Group, 3
	values := make([]float32, rows*cols)
	for i := range values {
		values[i] = float32(i%251 - 125 + i/Group)
	}
	q := Quantise(values, rows, cols)
	codes, scales := q.Strips(width)
	row := make([]float32, cols)
	for i := range rows {
		q.Row(row, i)
		strip, lane := i/width, i%width
		for j, want := range row {
			code := codes[strip*width*cols+j*width+lane]
			scale := scales[strip*width*(cols/Group)+j/Group*width+lane]
			if got := scale * float32(code); got != want {
				t.Fatalf("entry %d, %d is %g, want %g", i, j, got, want)
			}
		}
	}
}
