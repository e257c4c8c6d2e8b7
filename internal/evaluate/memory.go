package evaluate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"

	"resonance/internal/evaluate/journal"
)

// openMemory opens the journal of a measurement: what it keeps is valid for the same data and
// embeddings, protocol and length, and for the same program, to the last byte. What a system is
// called, and the number of a list, tell the rest.
func openMemory(o *Options) (*journal.Journal, error) {
	if o.Cache == "" {
		return nil, nil
	}
	identity, err := identify(o)
	if err != nil {
		return nil, fmt.Errorf("tell this measurement from others: %w", err)
	}
	return journal.Open(o.Cache, identity)
}

func identify(o *Options) (string, error) {
	sum := sha256.New()
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	program, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer program.Close()
	if _, err := io.Copy(sum, program); err != nil {
		return "", err
	}
	e := json.NewEncoder(sum)
	for _, part := range []any{o.Protocol, o.K, o.Data.Events} {
		if err := e.Encode(part); err != nil {
			return "", err
		}
	}
	for i := range o.Data.Posts {
		if err := e.Encode(&o.Data.Posts[i]); err != nil {
			return "", err
		}
		bits := make([]uint32, len(o.Vectors[i]))
		for n, x := range o.Vectors[i] {
			bits[n] = math.Float32bits(x)
		}
		if err := e.Encode(bits); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:16]), nil
}

func answerKey(row *System, list int) string { return fmt.Sprintf("%s/%d", row.Name, list) }

// remembered returns the answers of a system to n lists from the one at place first on, by list, then
// row; nil for a list of which not every answer is known.
func (r *run) remembered(e entrant, first, n int) [][]ranked {
	known := make([][]ranked, n)
	for i := range known {
		answers := make([]ranked, len(e.rows))
		whole := r.memory != nil
		for row := range answers {
			whole = whole && r.memory.Get(answerKey(e.rows[row], first+i), &answers[row])
		}
		if whole {
			known[i] = answers
		}
	}
	return known
}

// remember notes a system's answers to a list.
func (r *run) remember(e entrant, list int, answers []ranked) error {
	for n, row := range e.rows {
		if err := r.memory.Put(answerKey(row, list), answers[n]); err != nil {
			return err
		}
	}
	return nil
}
