package upstream

import (
	"strings"

	"resonance/internal/catalog"
)

type topicRow struct {
	ID          number                  `json:"id"`
	Name        text                    `json:"name"`
	Description text                    `json:"description"`
	ImageURL    text                    `json:"image_url"`
	Slug        text                    `json:"slug"`
	Public      flag                    `json:"is_public"`
	ProjectCode text                    `json:"project_code"`
	PostsCount  number                  `json:"posts_count"`
	Language    *text                   `json:"language"`
	CreatedAt   text                    `json:"created_at"`
	Owner       optional[topicOwnerRow] `json:"owner"`
}

type topicOwnerRow struct {
	FirstName       text  `json:"first_name"`
	LastName        text  `json:"last_name"`
	Name            text  `json:"name"`
	Username        text  `json:"username"`
	ProfileURL      text  `json:"profile_url"`
	UserType        *text `json:"user_type"`
	HasEVMWallet    flag  `json:"has_evm_wallet"`
	HasSolanaWallet flag  `json:"has_solana_wallet"`
}

// topic returns nil for no topic, and for an object that names none. (A post with a topic belongs
// to the topic's project, so an empty topic must not pass for one.)
func (t *topicRow) topic() *catalog.Topic {
	if t == nil || t.Name == "" && t.ProjectCode == "" && t.ID == 0 {
		return nil
	}
	topic := &catalog.Topic{
		ID: t.ID.count(), Name: string(t.Name), Description: string(t.Description), ImageURL: string(t.ImageURL), Slug: string(t.Slug),
		Public: bool(t.Public), ProjectCode: string(t.ProjectCode), PostsCount: t.PostsCount.count(),
		Language: (*string)(t.Language), CreatedAt: string(t.CreatedAt),
	}
	if o := t.Owner.value; o != nil {
		topic.Owner = o.owner()
	}
	return topic
}

func (o *topicOwnerRow) owner() catalog.TopicOwner {
	owner := catalog.TopicOwner{
		FirstName: string(o.FirstName), LastName: string(o.LastName), Name: string(o.Name), Username: string(o.Username),
		ProfileURL: string(o.ProfileURL), UserType: (*string)(o.UserType),
		HasEVMWallet: bool(o.HasEVMWallet), HasSolanaWallet: bool(o.HasSolanaWallet),
	}
	if owner.Name == "" {
		owner.Name = strings.TrimSpace(owner.FirstName + " " + owner.LastName)
	}
	return owner
}
