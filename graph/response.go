package graph

import (
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// acceptedMedia returns the media type for an answer: of the two that there are the one that the
// Accept header prefers, plain JSON if it has no preference or accepts neither.
func acceptedMedia(accept string) string {
	best, quality := mediaJSON, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		media, parameters, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil || (media != mediaJSON && media != mediaResponse) {
			continue
		}
		if q := qualityOf(parameters); q > quality {
			best, quality = media, q
		}
	}
	return best
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
