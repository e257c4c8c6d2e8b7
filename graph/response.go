package graph

import (
	"encoding/json"
	"iter"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// acceptedMedia returns the media type for an answer: of those that are offered the one that the
// Accept header prefers, the first if it has no preference or accepts none.
func acceptedMedia(accept string, offered ...string) string {
	best, quality := offered[0], 0.0
	for media, q := range weighed(accept) {
		if slices.Contains(offered, media) && q > quality {
			best, quality = media, q
		}
	}
	return best
}

// accepts reports whether the Accept header names a media type.
func accepts(accept, media string) bool {
	for named, q := range weighed(accept) {
		if named == media && q > 0 {
			return true
		}
	}
	return false
}

// weighed yields the media types that an Accept header names, with their weights.
func weighed(accept string) iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		for part := range strings.SplitSeq(accept, ",") {
			media, parameters, err := mime.ParseMediaType(strings.TrimSpace(part))
			if err == nil && !yield(media, qualityOf(parameters)) {
				return
			}
		}
	}
}

// qualityOf returns the weight of an element of an Accept header, 1 when it says none.
func qualityOf(parameters map[string]string) float64 {
	q, ok := parameters["q"]
	if !ok {
		return 1
	}
	quality, _ := strconv.ParseFloat(q, 64) // a malformed weight is none
	return quality
}

// writeResponse sends an answer. nil is the answer to a client that has gone: nothing.
func writeResponse(w http.ResponseWriter, status int, response *graphql.Response) {
	if response == nil {
		return
	}
	body := encode(response)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone cannot be told
}

// encode returns an answer as JSON. Data is already encoded and is left out if nothing was executed.
func encode(response *graphql.Response) []byte {
	body := append(make([]byte, 0, len(response.Data)+16), '{')
	if len(response.Errors) > 0 {
		body = appendMember(body, "errors", response.Errors)
	}
	if response.Data != nil {
		body = append(appendName(body, "data"), response.Data...)
	}
	if len(response.Extensions) > 0 {
		body = appendMember(body, "extensions", response.Extensions)
	}
	return append(body, '}')
}

func appendMember(body []byte, name string, value any) []byte {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings, numbers and maps of our own making: a bug, answered as one
	}
	return append(appendName(body, name), encoded...)
}

func appendName(body []byte, name string) []byte {
	if len(body) > 1 {
		body = append(body, ',')
	}
	return append(append(append(body, '"'), name...), '"', ':')
}
