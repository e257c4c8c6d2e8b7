// Package vectors keeps embeddings of texts in a file, so that data is embedded once however
// often it is measured.
package vectors

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"resonance/internal/errs"
	"resonance/internal/store"
)

// Embedder turns texts into embeddings of unit norm, one a text, in order.
type Embedder interface {
	Model() string
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// batchSize is how many texts are embedded and saved at a time: what an interruption loses.
const batchSize = 64

// Progress is told that done of total texts are embedded.
type Progress func(done, total int)

// Of returns the embeddings of texts, in their order, nil for the empty text. Those that the
// file of e's model in dir lacks are made by e and added to it, batch by batch; dir is created.
// Texts are told apart by their hash, models by their name.
func Of(ctx context.Context, dir string, e Embedder, texts []string, progress Progress) ([][]float32, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the cache of embeddings: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "embeddings-"+store.TextHash(e.Model())+".bin"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the cache of embeddings: %w", err)
	}
	vectors, err := complete(ctx, file, e, texts, progress)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("embed %d texts: %w", len(texts), err)
	}
	return vectors, nil
}

func complete(ctx context.Context, file *os.File, e Embedder, texts []string, progress Progress) ([][]float32, error) {
	known := map[string][]float32{}
	for _, text := range texts {
		known[store.TextHash(text)] = nil
	}
	delete(known, "")
	if err := read(file, known); err != nil {
		return nil, err
	}
	missing := lacking(texts, known)
	for done := 0; done < len(missing); done += batchSize {
		progress(done, len(missing))
		batch := missing[done:min(done+batchSize, len(missing))]
		made, err := e.Embed(ctx, batch)
		if err != nil {
			return nil, err
		}
		if len(made) != len(batch) {
			return nil, fmt.Errorf("%w: %d texts got %d embeddings", errs.Unavailable, len(batch), len(made))
		}
		if err := write(file, batch, made); err != nil {
			return nil, err
		}
		for i, text := range batch {
			known[store.TextHash(text)] = made[i]
		}
	}
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		vectors[i] = known[store.TextHash(text)]
	}
	return vectors, nil
}

// lacking returns the texts without an embedding, each once, without the empty one.
func lacking(texts []string, known map[string][]float32) []string {
	var missing []string
	asked := map[string]bool{"": true}
	for _, text := range texts {
		if hash := store.TextHash(text); !asked[hash] && known[hash] == nil {
			asked[hash] = true
			missing = append(missing, text)
		}
	}
	return missing
}

// A record of the file is the hash of the text, the length of the vector and the vector:
// 16 bytes, 4, and 4 for each number, little endian.
const (
	hashBytes = 16
	maxDim    = 1 << 16
)

// read fills in the vectors of the hashes that are keys of known. What a dying process left
// half written at the end is cut off.
func read(file *os.File, known map[string][]float32) error {
	r := bufio.NewReaderSize(file, 1<<20)
	head := make([]byte, hashBytes+4)
	for whole := int64(0); ; {
		_, err := io.ReadFull(r, head)
		dim := binary.LittleEndian.Uint32(head[hashBytes:])
		body := make([]byte, 4*min(dim, maxDim))
		if err == nil {
			_, err = io.ReadFull(r, body)
		}
		switch {
		case err == nil && dim > maxDim, errors.Is(err, io.ErrUnexpectedEOF):
			return file.Truncate(whole)
		case errors.Is(err, io.EOF):
			return file.Truncate(whole)
		case err != nil:
			return err
		}
		whole += int64(len(head) + len(body))
		hash := hex.EncodeToString(head[:hashBytes])
		if _, wanted := known[hash]; wanted {
			known[hash] = decode(body)
		}
	}
}

func decode(body []byte) []float32 {
	vector := make([]float32, len(body)/4)
	for i := range vector {
		vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[4*i:]))
	}
	return vector
}

// write appends records in one call, so that several processes may share the file.
func write(file *os.File, texts []string, vectors [][]float32) error {
	var records []byte
	for i, vector := range vectors {
		hash, err := hex.DecodeString(store.TextHash(texts[i]))
		if err != nil {
			return err
		}
		records = append(records, hash...)
		records = binary.LittleEndian.AppendUint32(records, uint32(len(vector)))
		for _, x := range vector {
			records = binary.LittleEndian.AppendUint32(records, math.Float32bits(x))
		}
	}
	_, err := file.Write(records)
	return err
}
