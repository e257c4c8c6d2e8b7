package upstream

import (
	"encoding/json"
	"fmt"

	"resonance/internal/catalog"
	"resonance/internal/errs"
)

// userRow is all that is read of a user: upstream sends e-mail addresses, login times and
// referral data too, and they end here.
type userRow struct {
	ID         number `json:"id"`
	Username   text   `json:"username"`
	FirstName  text   `json:"first_name"`
	LastName   text   `json:"last_name"`
	ProfileURL text   `json:"profile_url"`
}

// decodeUser reads a user. A username is kept as it comes, whatever characters it holds, but must
// not be empty. An error wraps errs.Invalid or comes from encoding/json.
func decodeUser(raw []byte) (catalog.User, error) {
	var r userRow
	if err := json.Unmarshal(raw, &r); err != nil {
		return catalog.User{}, err
	}
	id, err := r.ID.id("id", catalog.LocalUserID-1)
	if err != nil {
		return catalog.User{}, err
	}
	if r.Username == "" {
		return catalog.User{}, fmt.Errorf("%w: username: is empty", errs.Invalid)
	}
	return catalog.User{
		ID: id, Username: string(r.Username), FirstName: string(r.FirstName), LastName: string(r.LastName), PictureURL: string(r.ProfileURL),
	}, nil
}
