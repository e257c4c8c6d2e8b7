package sqlite

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"resonance/internal/errs"
	"resonance/internal/store"
)

// PutEmbeddings writes embeddings made by model and returns how many changed. One whose post is
// gone, or whose hash is not that of the post's present text, is dropped.
func (db *DB) PutEmbeddings(ctx context.Context, model string, embeddings []store.Embedding) (changed int, err error) {
	err = db.write(ctx, func(ctx context.Context, t *tx) error {
		id, err := t.register(ctx, model)
		if err != nil {
			return err
		}
		for _, e := range embeddings {
			did, err := t.putEmbedding(ctx, id, e)
			if err != nil {
				return fmt.Errorf("post %d: %w", e.PostID, err)
			}
			if did {
				changed++
			}
			if err := t.canceled(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("put %d embeddings: %w", len(embeddings), err)
	}
	return changed, nil
}

func (t *tx) putEmbedding(ctx context.Context, model int64, e store.Embedding) (changed bool, err error) {
	if err := checkVector(e.Vector); err != nil {
		return false, err
	}
	post, err := t.post(ctx, e.PostID)
	if err != nil || post.id == 0 || post.gone || post.textHash != e.Hash || e.Hash == "" {
		return false, err
	}
	n, err := t.exec(ctx, `INSERT INTO embeddings (model, post_id, hash, vector, seq) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (model, post_id) DO UPDATE SET hash = excluded.hash, vector = excluded.vector, seq = excluded.seq
		WHERE hash <> excluded.hash OR vector IS NOT excluded.vector`, model, e.PostID, e.Hash, encodeVector(e.Vector), t.seq)
	if err != nil || n == 0 {
		return false, err
	}
	t.stamp(embeddingRows)
	return true, t.dequeue(ctx, model, &post)
}

func checkVector(v []float32) error {
	if len(v) == 0 {
		return fmt.Errorf("%w: vector: is empty", errs.Invalid)
	}
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("%w: vector: holds %v", errs.Invalid, x)
		}
	}
	return nil
}

// Embeddings returns the newest embeddings by model of those of ids that have one; the vectors
// are the caller's.
func (db *DB) Embeddings(ctx context.Context, model string, ids []int64) (map[int64][]float32, error) {
	found := make(map[int64][]float32, len(ids))
	err := db.read(ctx, func(ctx context.Context, c *conn) error {
		m, err := c.model(ctx, model)
		if err != nil || m == 0 {
			return err
		}
		for _, id := range ids {
			var vector []byte
			ok, err := c.first(ctx, `SELECT e.vector FROM embeddings e JOIN posts p ON p.id = e.post_id
				WHERE e.model = ? AND e.post_id = ? AND e.vector IS NOT NULL AND p.gone = 0`, []any{m, id}, &vector)
			if err != nil {
				return err
			}
			if ok {
				found[id] = decodeVector(nil, vector)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %d embeddings: %w", len(ids), err)
	}
	return found, nil
}

func encodeVector(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// decodeVector appends the vector in b to v.
func decodeVector(v []float32, b []byte) []float32 {
	n := len(b) / 4
	v = slices.Grow(v, n)
	to, b := v[len(v):][:n], b[:4*n]
	for len(to) >= 2 && len(b) >= 8 { // two at a time take half as long
		two := binary.LittleEndian.Uint64(b)
		to[0], to[1] = math.Float32frombits(uint32(two)), math.Float32frombits(uint32(two>>32))
		to, b = to[2:], b[8:]
	}
	if len(to) > 0 {
		to[0] = math.Float32frombits(binary.LittleEndian.Uint32(b))
	}
	return v[:len(v)+n]
}
