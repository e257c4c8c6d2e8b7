package caller

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// NewKey returns a new key of 130 random bits and the line of API_KEYS that lets it in, with these
// scopes (one at least) for these projects (none: all). An error says which of them is wrong.
func NewKey(scopes, projects []string) (key, line string, err error) {
	key = "rsn_" + rand.Text()
	hash := sha256.Sum256([]byte(key))
	line = hex.EncodeToString(hash[:]) + ":" + strings.Join(scopes, "|")
	if len(projects) > 0 {
		line += ":" + strings.Join(projects, "|")
		if _, err := parseProjects(projects); err != nil {
			return "", "", err
		}
	}
	if _, err := ParseKeyring(line); err != nil {
		return "", "", err
	}
	return key, line, nil
}
