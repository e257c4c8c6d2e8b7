package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// file is one thing to serve, held in memory, with an ETag made of its content: browsers keep it
// and ask each time whether it is still the same. It is safe for concurrent use.
type file struct {
	contentType string
	body        []byte
	gzipped     bool   // whether body is gzipped
	hash        string // of body, 16 hex digits
}

// newFile makes a file of body, which is gzipped if name ends in ".gz". The type follows from the
// rest of the name, and does not depend on the machine's table of types.
func newFile(name string, body []byte) file {
	name, gzipped := strings.CutSuffix(name, ".gz")
	sum := sha256.Sum256(body)
	return file{
		contentType: contentType(path.Ext(name)),
		body:        body,
		gzipped:     gzipped,
		hash:        hex.EncodeToString(sum[:8]),
	}
}

func contentType(ext string) string {
	switch ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".ttf":
		return "font/ttf"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

// ServeHTTP answers GET and HEAD, conditional requests and ranges included, and 405 to the rest.
// What is stored gzipped is sent so to clients that accept it, and unpacked to others.
func (f file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	h, body, tag := w.Header(), f.body, f.hash
	if f.gzipped {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			tag += "-gzip"
		} else {
			body = gunzip(body)
		}
	}
	h.Set("Content-Type", f.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", strconv.Quote(tag))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// acceptsGzip tells whether an Accept-Encoding header names gzip with a weight above zero
// (RFC 9110, section 12.5.3).
func acceptsGzip(header string) bool {
	for coding := range strings.SplitSeq(strings.ToLower(header), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if strings.TrimSpace(name) != "gzip" {
			continue
		}
		q, weighted := strings.CutPrefix(strings.TrimSpace(weight), "q=")
		value, err := strconv.ParseFloat(q, 64)
		return !weighted || err == nil && value > 0
	}
	return false
}

// gunzip unpacks an embedded file; a test unpacks each of them, so that it can't fail here.
func gunzip(packed []byte) []byte {
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic("unpack console asset: " + err.Error())
	}
	plain, err := io.ReadAll(zr)
	if err != nil {
		panic("unpack console asset: " + err.Error())
	}
	return plain
}
