package upstream

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"io"
	"strings"
)

// decodePage reads an answer of endpoint: an envelope whose keys come in any order, with the rows
// in an array. An error means that the answer as a whole can't be used.
func decodePage(endpoint Endpoint, at route, body io.Reader) (Page, error) {
	page := Page{Endpoint: endpoint}
	rows := rowReader{page: &page, at: at, ids: fnv.New64a()}
	dec := json.NewDecoder(body)
	if err := expect(dec, '{'); err != nil {
		return Page{}, err
	}
	var status, message any
	var max number
	found := false
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return Page{}, err
		}
		switch key {
		case at.array:
			found = true
			err = rows.read(dec)
		case "status":
			err = dec.Decode(&status)
		case "message":
			err = dec.Decode(&message)
		case "max_page_size":
			err = dec.Decode(&max)
		default:
			err = dec.Decode(new(json.RawMessage))
		}
		if err != nil {
			return Page{}, err
		}
	}
	if err := expectEnd(dec); err != nil {
		return Page{}, err
	}
	if s, isText := status.(string); isText && !strings.EqualFold(s, "success") {
		return Page{}, fmt.Errorf("upstream answered with status %s: %v", s, message)
	}
	if !found {
		return Page{}, fmt.Errorf("the answer holds no %q", at.array)
	}
	page.MaxRows = int(max.count())
	page.Fingerprint = rows.ids.Sum64()
	return page, nil
}

func expect(dec *json.Decoder, want json.Delim) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	if token != want {
		return fmt.Errorf("the answer is not the JSON expected: no %v where it should be", want)
	}
	return nil
}

// expectEnd reads the closing brace and the end of the body: a cut connection shows here at the latest.
func expectEnd(dec *json.Decoder) error {
	if err := expect(dec, '}'); err != nil {
		return err
	}
	_, err := dec.Token()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return errors.New("more follows after the answer's end")
}

// rowReader decodes the rows of an endpoint into a page.
type rowReader struct {
	page *Page
	at   route
	ids  hash.Hash64
}

// read decodes an array of rows; null is an empty one.
func (r *rowReader) read(dec *json.Decoder) error {
	token, err := dec.Token()
	if err != nil || token == nil {
		return err
	}
	if token != json.Delim('[') {
		return fmt.Errorf("%q is not an array in the answer", r.at.array)
	}
	for dec.More() {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		r.add(raw)
	}
	return expect(dec, ']')
}

// add decodes one row and files it under its kind, or under the rows that can't be read.
func (r *rowReader) add(raw json.RawMessage) {
	r.page.Rows++
	id := rowID(raw)
	_ = binary.Write(r.ids, binary.LittleEndian, id) // a hash never fails to be written to
	if id == 0 {
		_, _ = r.ids.Write(raw)
	}
	if err := r.decode(raw); err != nil {
		r.page.Unreadable = append(r.page.Unreadable, RowError{Endpoint: r.page.Endpoint, ID: id, Reason: reason(err)})
	}
}

func (r *rowReader) decode(raw json.RawMessage) error {
	switch {
	case r.page.Endpoint == Users:
		user, err := decodeUser(raw)
		return keep(&r.page.Users, user, err)
	case r.at.kind != 0 && namesUser(raw):
		event, err := decodeEvent(r.at, raw)
		return keep(&r.page.Interactions, event, err)
	default:
		post, err := decodePost(raw)
		return keep(&r.page.Posts, post, err)
	}
}

func keep[T any](rows *[]T, row T, err error) error {
	if err == nil {
		*rows = append(*rows, row)
	}
	return err
}

// rowID returns the id of a row whatever else is wrong with it, or 0.
func rowID(raw json.RawMessage) int64 {
	var row struct {
		ID number `json:"id"`
	}
	if json.Unmarshal(raw, &row) != nil {
		return 0
	}
	id, err := row.ID.id("id", maxRowID)
	if err != nil {
		return 0
	}
	return id
}
