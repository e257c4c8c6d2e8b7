// Package cursor makes the cursors of paged lists. A cursor says itself what has been served, so
// that any process goes on from it, and the next page can be ranked afresh without a post coming
// twice. It is signed: what a client makes up, cuts off, or takes from another list is not accepted.
package cursor

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
)

// Depth is how many posts a list can be paged through: the ids of so many take 5,400 characters at
// most, which the headers of a request have room for.
const Depth = 1000

// Signer makes and reads cursors. Those of one key are read by every signer with that key. Safe for
// concurrent use.
type Signer struct{ key []byte }

// NewSigner returns a signer with a secret key, which should not be guessable.
func NewSigner(key string) Signer {
	hash := sha256.Sum256([]byte("cursor:" + key))
	return Signer{hash[:]}
}

// List is what cursors belong to: one question of one caller.
type List struct {
	signer   Signer
	keyID    string
	question any
}

// List returns the list that the caller with this key gets for a question, which must have a JSON
// form: lists of other questions don't take its cursors.
func (s Signer) List(keyID string, question any) List { return List{s, keyID, question} }

const (
	version  = 1
	macBytes = 16
)

var encoding = base64.RawURLEncoding.Strict()

// Seal returns the cursor behind the posts with these ids, each positive and there once, at most
// Depth of them. Their order does not matter.
func (l List) Seal(served []int64) string {
	sorted := slices.Clone(served)
	slices.Sort(sorted)
	sealed := append(make([]byte, 0, 1+4*len(sorted)+macBytes), version)
	last := int64(0)
	for _, id := range sorted {
		sealed = binary.AppendUvarint(sealed, uint64(id-last))
		last = id
	}
	return encoding.EncodeToString(append(sealed, l.mac(sealed)...))
}

// Open returns the ids that Seal was given, ascending. ok is false for anything but a cursor of
// this list.
func (l List) Open(text string) (served []int64, ok bool) {
	if len(text) > encoding.EncodedLen(1+5*Depth+macBytes) || strings.ContainsAny(text, "\r\n") { // which decoding would pass over
		return nil, false
	}
	bytes, err := encoding.DecodeString(text)
	if err != nil || len(bytes) < 1+macBytes || bytes[0] != version {
		return nil, false
	}
	sealed, mac := bytes[:len(bytes)-macBytes], bytes[len(bytes)-macBytes:]
	if !hmac.Equal(mac, l.mac(sealed)) {
		return nil, false
	}
	last := int64(0)
	for rest := sealed[1:]; len(rest) > 0; {
		step, n := binary.Uvarint(rest)
		if n <= 0 {
			return nil, false
		}
		last += int64(step)
		served, rest = append(served, last), rest[n:]
	}
	return served, true
}

// mac authenticates bytes as of this list.
func (l List) mac(sealed []byte) []byte {
	about, err := json.Marshal([]any{l.keyID, l.question})
	if err != nil {
		panic(err) // a question that has no JSON form is a bug that the first call finds
	}
	question := sha256.Sum256(about)
	h := hmac.New(sha256.New, l.signer.key)
	h.Write(question[:])
	h.Write(sealed)
	return h.Sum(nil)[:macBytes]
}
