package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"resonance/internal/errs"
)

// persistedDocuments is how many documents are kept that clients send once and name by their hash
// afterwards: at most 16 MB.
const persistedDocuments = 512

// automatic lets clients name a document that they have sent before by its SHA-256, as Apollo's
// automatic persisted queries do. What is not known any more they send again.
type automatic struct {
	extension.AutomaticPersistedQuery
}

func newAutomatic() automatic {
	return automatic{extension.AutomaticPersistedQuery{Cache: lru.New[string](persistedDocuments)}}
}

// MutateOperationParameters puts in the document that a hash names.
func (a automatic) MutateOperationParameters(ctx context.Context, request *graphql.RawParams) *gqlerror.Error {
	err := a.AutomaticPersistedQuery.MutateOperationParameters(ctx, request)
	if err != nil && err.Extensions["code"] == nil {
		errcode.Set(err, codeBadUserInput)
	}
	return err
}

// Trusted is a set of documents; a server that is given one runs no others.
type Trusted struct{ byHash map[string]string }

// ReadTrusted reads every file under dir whose name ends in .graphql or .gql: a document each, with
// the fragments it spreads. An error wraps errs.Invalid and names a file that does not fit the
// schema, or says that there is none.
func ReadTrusted(dir fs.FS) (*Trusted, error) {
	t := &Trusted{map[string]string{}}
	schema := NewExecutableSchema(Config{}).Schema()
	err := fs.WalkDir(dir, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".graphql" && path.Ext(name) != ".gql" {
			return err
		}
		content, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		if _, wrong := gqlparser.LoadQueryWithRules(schema, string(content), rules.NewDefaultRules()); wrong != nil {
			return fmt.Errorf("%w: %s: %w", errs.Invalid, name, wrong)
		}
		t.add(string(content))
		return nil
	})
	if err == nil && len(t.byHash) == 0 {
		err = fmt.Errorf("%w: it holds no file that ends in .graphql or .gql", errs.Invalid)
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// add takes a document up as it is, and as tools hash it, without the line break at its end.
func (t *Trusted) add(document string) {
	for _, text := range []string{document, strings.TrimSpace(document)} {
		t.byHash[hashOf(text)] = text
	}
}

func hashOf(document string) string {
	sum := sha256.Sum256([]byte(document))
	return hex.EncodeToString(sum[:])
}

// ExtensionName names the extension.
func (*Trusted) ExtensionName() string { return "TrustedDocuments" }

// Validate accepts the schema that ReadTrusted has read the documents against.
func (*Trusted) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters lets only trusted documents pass, be it their text or their hash that
// was sent.
func (t *Trusted) MutateOperationParameters(_ context.Context, request *graphql.RawParams) *gqlerror.Error {
	hash := hashOf(strings.TrimSpace(request.Query))
	if request.Query == "" {
		persisted, _ := request.Extensions["persistedQuery"].(map[string]any)
		hash, _ = persisted["sha256Hash"].(string)
	}
	document, trusted := t.byHash[hash]
	if !trusted {
		err := gqlerror.Errorf("the document is not one of those that are trusted here")
		errcode.Set(err, codeForbidden)
		return err
	}
	request.Query = document
	return nil
}
