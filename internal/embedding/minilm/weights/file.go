package weights

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"strings"
)

const (
	magic      = "rsnMiniL"
	version    = 1
	headerSize = len(magic) + 4 + 4
)

// Decode reads a file. The model shares the file's memory and copies only vectors and scales.
// It checks magic, version and length but not the checksum, which takes reading pages that
// may never be used; Verify does.
func Decode(file string) (*Model, error) {
	if len(file) < headerSize || file[:len(magic)] != magic {
		return nil, errors.New("decode weights: not a weights file")
	}
	r := &reader{rest: file[len(magic):]}
	if v := r.uint32(); v != version {
		return nil, fmt.Errorf("decode weights: version %d, want %d", v, version)
	}
	r.uint32() // checksum
	m := &Model{Vocab: r.take(int(r.uint32()))}
	m.visit(r)
	if r.short {
		return nil, errors.New("decode weights: file is cut short")
	}
	if pieces := strings.Count(m.Vocab, "\n") + 1; pieces != Vocabulary {
		return nil, fmt.Errorf("decode weights: %d pieces, want %d", pieces, Vocabulary)
	}
	if len(r.rest) > 0 {
		return nil, fmt.Errorf("decode weights: %d bytes too many", len(r.rest))
	}
	return m, nil
}

// Verify says whether the checksum of a file that Decode accepts is right.
func Verify(file string) error {
	want := binary.LittleEndian.Uint32([]byte(file[headerSize-4 : headerSize]))
	if got := checksum([]byte(file[headerSize:])); got != want {
		return fmt.Errorf("verify weights: checksum %08x, want %08x", got, want)
	}
	return nil
}

// Encode writes m as a file. It panics when a tensor of m has not the model's shape.
func Encode(w io.Writer, m *Model) error {
	b := &builder{}
	b.uint32(uint32(len(m.Vocab)))
	b.body = append(b.body, m.Vocab...)
	m.visit(b)

	header := binary.LittleEndian.AppendUint32([]byte(magic), version)
	header = binary.LittleEndian.AppendUint32(header, checksum(b.body))
	if _, err := w.Write(header); err != nil {
		return fmt.Errorf("encode weights: %w", err)
	}
	if _, err := w.Write(b.body); err != nil {
		return fmt.Errorf("encode weights: %w", err)
	}
	return nil
}

func checksum(body []byte) uint32 {
	return crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli))
}

// reader takes tensors off the front of a file. Past the end it yields nothing and sets short.
type reader struct {
	rest  string
	short bool
}

func (r *reader) take(n int) string {
	if n > len(r.rest) {
		r.short, r.rest = true, ""
		return ""
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) uint32() uint32 {
	b := r.take(4)
	if r.short {
		return 0
	}
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

func (r *reader) matrix(m *Quantised, rows, cols int) {
	m.Rows, m.Cols = rows, cols
	m.codes = r.take(rows * cols)
	r.vector(&m.scales, rows*cols/Group)
}

func (r *reader) vector(v *[]float32, n int) {
	if r.short || 4*n > len(r.rest) {
		r.short = true
		return
	}
	*v = make([]float32, n)
	for i := range *v {
		(*v)[i] = math.Float32frombits(r.uint32())
	}
}

// builder collects what follows the header.
type builder struct{ body []byte }

func (b *builder) uint32(v uint32) { b.body = binary.LittleEndian.AppendUint32(b.body, v) }

func (b *builder) matrix(m *Quantised, rows, cols int) {
	if m.Rows != rows || m.Cols != cols {
		panic(fmt.Sprintf("weights: a matrix is %d × %d, want %d × %d", m.Rows, m.Cols, rows, cols))
	}
	b.body = append(b.body, m.codes...)
	b.vector(&m.scales, rows*cols/Group)
}

func (b *builder) vector(v *[]float32, n int) {
	if len(*v) != n {
		panic(fmt.Sprintf("weights: a vector has %d numbers, want %d", len(*v), n))
	}
	for _, x := range *v {
		b.uint32(math.Float32bits(x))
	}
}
