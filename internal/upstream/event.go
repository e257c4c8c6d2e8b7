package upstream

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
)

// maxRowID is the largest id of an interaction row that a float64, and so number, holds exactly.
const maxRowID = 1 << 53

// namesUser reports whether a row of an interaction endpoint is an event, which names a post and a
// user, rather than a whole post as upstream sends without the algorithm secret. post_id tells them
// apart; a row with neither post_id nor a post's created_at is a broken event.
func namesUser(raw []byte) bool {
	var keys struct {
		PostID    json.RawMessage `json:"post_id"`
		CreatedAt json.RawMessage `json:"created_at"`
	}
	err := json.Unmarshal(raw, &keys)
	return err != nil || keys.PostID != nil || keys.CreatedAt == nil
}

// decodeEvent reads a row of an interaction endpoint. Its key is the kind and the row's id, so a
// row that comes again with another value replaces itself. An error wraps errs.Invalid or comes
// from encoding/json.
func decodeEvent(at route, raw []byte) (interaction.Interaction, error) {
	var none interaction.Interaction
	var r struct {
		ID       number `json:"id"`
		PostID   number `json:"post_id"`
		UserID   number `json:"user_id"`
		Rating   number `json:"rating_percent"`
		Viewed   text   `json:"viewed_at"`
		Liked    text   `json:"liked_at"`
		Inspired text   `json:"inspired_at"`
		Rated    text   `json:"rated_at"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return none, err
	}
	id, err := r.ID.id("id", maxRowID)
	if err != nil {
		return none, err
	}
	postID, err := r.PostID.id("post_id", catalog.MaxID)
	if err != nil {
		return none, err
	}
	userID, err := r.UserID.id("user_id", catalog.LocalUserID-1)
	if err != nil {
		return none, err
	}
	when, err := time.Parse(time.DateTime, string(cmp.Or(r.Viewed, r.Liked, r.Inspired, r.Rated)))
	if err != nil {
		return none, fmt.Errorf("%w: %s: is not a time as 2024-01-02 03:04:05", errs.Invalid, at.timeKey)
	}
	i := interaction.Interaction{
		Key: fmt.Sprintf("%s:%d", at.kind, id), UserID: userID, PostID: postID, Kind: at.kind,
		Value: interaction.NoValue, At: when.Truncate(time.Millisecond),
	}
	if at.kind == interaction.Rating {
		i.Value = int(r.Rating.within(-1e6, 1e6))
	}
	return i, i.Check()
}
