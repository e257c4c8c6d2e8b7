package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"resonance/internal/errs"
)

const (
	maxAnswer  = 16 << 20 // bytes; 32 vectors of 4,096 numbers take about 3 MB
	maxMessage = 200      // bytes of a server's explanation that go into an error
)

type request struct {
	Model          string   `json:"model"`
	Input          []string `json:"input"`
	EncodingFormat string   `json:"encoding_format"`
}

type answer struct {
	Data []struct {
		Index     int       `json:"index"`
		Embedding []float32 `json:"embedding"`
	} `json:"data"`
}

// post makes one attempt to embed inputs.
func (e *Endpoint) post(ctx context.Context, inputs []string) ([][]float32, error) {
	body, err := json.Marshal(request{Model: e.model, Input: inputs, EncodingFormat: "float"})
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if e.key != "" {
		req.Header.Set("Authorization", "Bearer "+e.key)
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return nil, unavailable("%w", withoutURL(err))
	}
	defer func() { _ = resp.Body.Close() }() // only read from
	resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	if resp.StatusCode != http.StatusOK {
		return nil, e.refused(resp)
	}
	var a answer
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		return nil, unavailable("read answer: %w", err)
	}
	vectors, err := a.vectors(len(inputs))
	if err != nil {
		return nil, err
	}
	return vectors, e.accept(vectors)
}

// vectors returns the n vectors of an answer in the order of the inputs.
func (a *answer) vectors(n int) ([][]float32, error) {
	if len(a.Data) != n {
		return nil, unavailable("%d vectors came for %d texts", len(a.Data), n)
	}
	vectors := make([][]float32, n)
	for _, d := range a.Data {
		if d.Index < 0 || d.Index >= n || vectors[d.Index] != nil || len(d.Embedding) == 0 {
			return nil, unavailable("the answer has no vector, or two, for one of the texts")
		}
		vectors[d.Index] = d.Embedding
	}
	return vectors, nil
}

// refused makes an error of an answer that is not 200. A server may repeat the key in part when
// it refuses the key, so its explanation is left out then.
func (e *Endpoint) refused(resp *http.Response) error {
	err := &statusError{code: resp.StatusCode, retryAfter: retryAfter(resp.Header)}
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		err.message = "the server does not accept EMBEDDING_KEY"
	default:
		err.message = e.explanation(resp.Body)
	}
	return err
}

// explanation returns the start of error.message in an answer, without the key; "" without one.
func (e *Endpoint) explanation(body io.Reader) string {
	var a struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if err := json.NewDecoder(body).Decode(&a); err != nil {
		return ""
	}
	message := a.Error.Message
	if e.key != "" {
		message = strings.ReplaceAll(message, e.key, "***")
	}
	return strings.ToValidUTF8(message[:min(len(message), maxMessage)], "")
}

// withoutURL strips the URL, whose query may hold a key, from an error of http.Client.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// unavailable says that no answer came, or one that makes no sense.
func unavailable(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, errs.Unavailable)...)
}
