package rest

import (
	"resonance/internal/catalog"
	"resonance/internal/recommend"
)

// appendFeed appends the documented JSON of a feed to buf: keys in the documented order, all of
// them always, UTF-8 without needless escapes or white space, as clients have always got it. Counts
// over posts outside reach are 0.
func appendFeed(buf []byte, feed recommend.Feed, reach catalog.Projects) []byte {
	w := writer{append(buf, '{'), reach}
	w.text("status", "success")
	w.open("post", '[')
	for _, item := range feed.Items {
		w.comma()
		w.post(item)
	}
	w.close(']')
	w.close('}')
	return w.buf
}

func (w *writer) post(item recommend.Item) {
	p, viewer := item.Post, item.Viewer
	w.buf = append(w.buf, '{')
	w.number("id", p.ID)
	w.owner(p.Owner)
	w.category(p.Category)
	w.topic(p.Topic)
	w.text("title", p.Title)
	w.flag("is_available_in_public_feed", p.Public)
	w.flag("is_locked", p.Locked)
	w.text("slug", p.Slug)
	w.flag("upvoted", viewer.Upvoted)
	w.flag("bookmarked", viewer.Bookmarked)
	w.flag("following", viewer.Following)
	w.text("identifier", p.Identifier)
	w.number("comment_count", p.CommentCount)
	w.number("upvote_count", p.UpvoteCount)
	w.number("view_count", p.ViewCount)
	w.number("exit_count", p.ExitCount)
	w.number("rating_count", p.RatingCount)
	w.number("average_rating", p.AverageRating)
	w.number("share_count", p.ShareCount)
	w.number("bookmark_count", p.BookmarkCount)
	w.text("video_link", p.VideoLink)
	w.text("thumbnail_url", p.ThumbnailURL)
	w.text("gif_thumbnail_url", p.GIFThumbnailURL)
	w.text("contract_address", p.ContractAddress)
	w.text("chain_id", p.ChainID)
	w.text("chart_url", p.ChartURL)
	w.baseToken(p.BaseToken)
	w.number("created_at", p.CreatedAt.UnixMilli())
	w.texts("tags", p.Tags)
	w.close('}')
}

func (w *writer) owner(o catalog.Owner) {
	w.open("owner", '{')
	w.text("first_name", o.FirstName)
	w.text("last_name", o.LastName)
	w.text("name", o.Name())
	w.text("username", o.Username)
	w.text("picture_url", o.PictureURL)
	w.textOrNull("user_type", o.UserType)
	w.flag("has_evm_wallet", o.HasEVMWallet)
	w.flag("has_solana_wallet", o.HasSolanaWallet)
	w.close('}')
}

func (w *writer) category(c *catalog.Category) {
	if c == nil {
		w.null("category")
		return
	}
	w.open("category", '{')
	w.number("id", c.ID)
	w.text("name", c.Name)
	w.number("count", w.reach.CountOf(c))
	w.text("description", c.Description)
	w.text("image_url", c.ImageURL)
	w.close('}')
}

func (w *writer) topic(t *catalog.Topic) {
	if t == nil {
		w.null("topic")
		return
	}
	w.open("topic", '{')
	w.number("id", t.ID)
	w.text("name", t.Name)
	w.text("description", t.Description)
	w.text("image_url", t.ImageURL)
	w.text("slug", t.Slug)
	w.flag("is_public", t.Public)
	w.text("project_code", t.ProjectCode)
	w.number("posts_count", w.reach.PostsCountOf(t))
	w.textOrNull("language", t.Language)
	w.text("created_at", t.CreatedAt)
	w.topicOwner(t.Owner)
	w.close('}')
}

func (w *writer) topicOwner(o catalog.TopicOwner) {
	w.open("owner", '{')
	w.text("first_name", o.FirstName)
	w.text("last_name", o.LastName)
	w.text("name", o.Name)
	w.text("username", o.Username)
	w.text("profile_url", o.ProfileURL)
	w.textOrNull("user_type", o.UserType)
	w.flag("has_evm_wallet", o.HasEVMWallet)
	w.flag("has_solana_wallet", o.HasSolanaWallet)
	w.close('}')
}

func (w *writer) baseToken(t catalog.BaseToken) {
	w.open("baseToken", '{')
	w.text("address", t.Address)
	w.text("name", t.Name)
	w.text("symbol", t.Symbol)
	w.text("image_url", t.ImageURL)
	w.close('}')
}
