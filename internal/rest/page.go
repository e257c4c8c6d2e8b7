package rest

import (
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"resonance/internal/cursor"
	"resonance/internal/errs"
	"resonance/internal/recommend"
)

const noPage = "cursor: there is no such page: a cursor is of one list only, with the same parameters and key"

// goOn returns what the pages before held. The error wraps errs.NotFound: what is asked for is a page
// of a list.
func goOn(list cursor.List, text string) ([]int64, error) {
	if text == "" {
		return nil, nil
	}
	served, ok := list.Open(text)
	if !ok {
		return nil, fmt.Errorf("%w: %s", errs.NotFound, noPage)
	}
	return served, nil
}

// linkNext names the next page, if there is one, by the address of this one with another cursor.
func linkNext(ctx huma.Context, list cursor.List, served []int64, page recommend.Feed) {
	if !page.More {
		return
	}
	served = append([]int64(nil), served...)
	for _, item := range page.Items {
		served = append(served, item.Post.ID)
	}
	next := ctx.URL()
	query := next.Query()
	query.Set("cursor", list.Seal(served))
	next.Scheme, next.Host, next.RawQuery = "", "", query.Encode()
	ctx.SetHeader("Link", fmt.Sprintf(`<%s>; rel="next"`, next.RequestURI()))
}

func pagedResponse(schemas huma.Registry, description string) *huma.Response {
	r := jsonResponse[feed](schemas, description)
	r.Headers = map[string]*huma.Param{"Link": {
		Description: "The next page, with rel=next; only where `cursor` is given and more posts follow.",
		Schema:      schemas.Schema(reflect.TypeFor[string](), true, ""),
	}}
	return r
}

func noPageResponse(schemas huma.Registry) *huma.Response {
	return problemResponse(schemas, "There is no such page: the cursor is not one of this list.", problemOf(http.StatusNotFound, noPage))
}
