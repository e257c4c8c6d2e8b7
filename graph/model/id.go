package model

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"resonance/internal/catalog"
	"resonance/internal/errs"
)

// Kind is the name of a GraphQL type whose objects have a global id.
type Kind string

// The kinds of objects. Posts are known by their number, users, owners and topic owners by their
// username, categories by their name (an imported one has no number), topics by their number,
// projects by their code.
const (
	KindPost       Kind = "Post"
	KindUser       Kind = "User"
	KindOwner      Kind = "Owner"
	KindTopicOwner Kind = "TopicOwner"
	KindCategory   Kind = "Category"
	KindTopic      Kind = "Topic"
	KindProject    Kind = "Project"
)

// GlobalID returns the id of the object of a kind that is known by key: base64 of "Kind:key".
func GlobalID(kind Kind, key string) string {
	return base64.StdEncoding.EncodeToString([]byte(string(kind) + ":" + key))
}

// ParseGlobalID is the inverse of GlobalID. It does not know which kinds exist. argument is the name
// of the argument that holds it; the error wraps errs.Invalid. The owner of a post without author has an id too,
// which names nobody.
func ParseGlobalID(argument, id string) (kind Kind, key string, err error) {
	decoded, err := base64.StdEncoding.DecodeString(id)
	text, key, _ := strings.Cut(string(decoded), ":")
	kind = Kind(text)
	if err != nil || kind == "" || key == "" && kind != KindOwner || GlobalID(kind, key) != id {
		return "", "", NotNodeID(argument)
	}
	return kind, key, nil
}

// ParseTopicKey returns the key of the topic that id names: either its global id or its number.
// argument is the name of the argument that holds it; the error wraps errs.Invalid.
func ParseTopicKey(argument, id string) (string, error) {
	digits := id
	if kind, key, err := ParseGlobalID(argument, id); err == nil && kind == KindTopic {
		if project, name, ok := strings.Cut(strings.TrimPrefix(key, "0:"), ":"); ok && strings.HasPrefix(key, "0:") {
			return (&catalog.Topic{ProjectCode: project, Name: name}).Key(), nil
		}
		digits = key
	}
	if number, err := strconv.ParseUint(digits, 10, 31); err != nil || number == 0 || digits[0] == '0' {
		return "", fmt.Errorf("%w: %s: must be the id or the databaseId of a topic", errs.Invalid, argument)
	}
	return digits, nil
}

// NotNodeID returns the error for the id of something that is no Node; it wraps errs.Invalid.
func NotNodeID(argument string) error {
	return fmt.Errorf("%w: %s: must be the id of a post, user, category, topic or project", errs.Invalid, argument)
}

// ParsePostID returns the number of the post that id names: either its global id or its number.
// argument is the name of the argument that holds it; the error wraps errs.Invalid.
func ParsePostID(argument, id string) (int64, error) {
	digits := id
	if kind, key, err := ParseGlobalID(argument, id); err == nil && kind == KindPost {
		digits = key
	}
	number, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || number == 0 || digits[0] == '0' {
		return 0, fmt.Errorf("%w: %s: must be the id or the databaseId (1 to %d) of a post", errs.Invalid, argument, catalog.MaxID)
	}
	return int64(number), nil
}
