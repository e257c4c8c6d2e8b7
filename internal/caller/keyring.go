package caller

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"resonance/internal/catalog"
)

// Keyring holds what is known of the keys that are accepted: their hashes, and who they stand for.
// The zero value holds none: whoever asks is Anyone.
type Keyring struct{ entries []entry }

type entry struct {
	hash   [sha256.Size]byte
	caller Caller
}

// ParseKeyring reads lines of the form sha256hex:scopes[:project|project], separated by commas;
// several scopes are separated by | too. An error names the line by its number and quotes nothing.
func ParseKeyring(text string) (Keyring, error) {
	var ring Keyring
	for i, line := range strings.Split(text, ",") {
		e, err := parseEntry(strings.TrimSpace(line))
		if err != nil {
			return Keyring{}, fmt.Errorf("key %d: %w", i+1, err)
		}
		for _, other := range ring.entries {
			if other.hash == e.hash {
				return Keyring{}, fmt.Errorf("key %d: is there twice", i+1)
			}
		}
		ring.entries = append(ring.entries, e)
	}
	return ring, nil
}

var errLine = errors.New("is not sha256hex:scopes[:project|project], which resonance key new prints")

func parseEntry(line string) (e entry, err error) {
	fields := strings.Split(line, ":")
	if len(fields) < 2 || len(fields) > 3 || len(fields[0]) != hex.EncodedLen(len(e.hash)) {
		return e, errLine
	}
	if _, err := hex.Decode(e.hash[:], []byte(fields[0])); err != nil {
		return e, errLine
	}
	right, err := parseScopes(strings.Split(fields[1], "|"))
	if err != nil {
		return e, err
	}
	e.caller = with(right)
	e.caller.KeyID = hex.EncodeToString(e.hash[:6])
	if len(fields) == 3 {
		e.caller.Projects, err = parseProjects(strings.Split(fields[2], "|"))
	}
	return e, err
}

func parseScopes(names []string) (most Right, err error) {
	for _, name := range names {
		right := RightOf(name)
		if right == None {
			return None, errors.New("a scope is one of read, write and admin")
		}
		most = max(most, right)
	}
	return most, nil
}

func parseProjects(codes []string) ([]string, error) {
	for _, code := range codes {
		if strings.TrimSpace(code) == "" || strings.ContainsAny(code, ",:|") {
			return nil, errors.New("a project's code is not empty and holds no comma, colon or bar")
		}
	}
	return catalog.OnlyProjects(codes...).Codes(), nil
}

// Asks reports whether callers need a key.
func (r Keyring) Asks() bool { return len(r.entries) > 0 }

// Authorized returns who sends this Authorization, in a header or in the connection_init of a
// WebSocket: the zero Caller without a key, or with a wrong one. How long it takes does not depend
// on the key: every hash is compared, each in constant time.
func (r Keyring) Authorized(authorization string) Caller {
	if !r.Asks() {
		return Anyone()
	}
	scheme, key, _ := strings.Cut(authorization, " ")
	hash, found := sha256.Sum256([]byte(strings.TrimSpace(key))), -1
	for i := range r.entries {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(hash[:], r.entries[i].hash[:]), i, found)
	}
	if found < 0 || !strings.EqualFold(scheme, "Bearer") {
		return Caller{}
	}
	return r.entries[found].caller
}
