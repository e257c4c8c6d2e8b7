package upstreamtest

import (
	"bytes"
	"fmt"

	"resonance/internal/upstream"
)

// The addresses and messages are written out here rather than taken from the client, so that a
// mistake there does not hide behind the same mistake here.

func endpointOf(path string) (upstream.Endpoint, bool) {
	switch path {
	case "/posts/summary/get":
		return upstream.Posts, true
	case "/users/get_all":
		return upstream.Users, true
	case "/posts/view":
		return upstream.Views, true
	case "/posts/like":
		return upstream.Likes, true
	case "/posts/inspire":
		return upstream.Inspires, true
	case "/posts/rating":
		return upstream.Ratings, true
	}
	return "", false
}

func messageOf(endpoint upstream.Endpoint) string {
	what := map[upstream.Endpoint]string{
		upstream.Posts: "Posts", upstream.Users: "Users", upstream.Views: "Viewed posts",
		upstream.Likes: "Liked posts", upstream.Inspires: "Inspired posts", upstream.Ratings: "Rated posts",
	}[endpoint]
	return what + " fetched successfully"
}

// envelope writes rows as upstream does: page_size is the number of rows returned, max_page_size
// what was asked, and users come with their keys in another order.
func envelope(req Request, rows table) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"status":"success","message":%q,"page":%d,`, messageOf(req.Endpoint), req.Page)
	if req.Endpoint == upstream.Users {
		fmt.Fprintf(&b, `"max_page_size":%d,"page_size":%d,"users":[`, req.Size, len(rows))
	} else {
		fmt.Fprintf(&b, `"page_size":%d,"max_page_size":%d,"posts":[`, len(rows), req.Size)
	}
	for i, row := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(row.raw)
	}
	b.WriteString("]}")
	return b.Bytes()
}
