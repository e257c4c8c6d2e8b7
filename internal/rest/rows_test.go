package rest

import (
	"time"

	"resonance/internal/catalog"
	"resonance/internal/recommend"
)

func ptr[T any](v T) *T { return &v }

// fullItem is a post with a value for every key.
func fullItem() recommend.Item {
	return recommend.Item{
		Post: &catalog.Post{
			ID: 1042, Title: "Salt & light <on> the \"harbour\" wall", Description: "never shown", Genre: "never/shown",
			Keywords: []string{"never shown"}, Tags: []string{"sea", "früh morgens"}, ProjectCode: "never shown",
			CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC),
			Owner: catalog.Owner{
				FirstName: "Mara", LastName: "Linde", Username: "mara", PictureURL: "https://media.example/mara.jpg?a=1&b=2",
				UserType: ptr("creator"), HasEVMWallet: true, HasSolanaWallet: true,
			},
			Category: &catalog.Category{ID: 7, Name: "Street Photography", Count: 118, Description: "Light and people", ImageURL: "https://media.example/street.jpg"},
			Topic: &catalog.Topic{
				ID: 31, Name: "Harbours at dawn", Description: "Before the boats go out", ImageURL: "https://media.example/harbours.jpg",
				Slug: "harbours-at-dawn", Public: true, ProjectCode: "vible", PostsCount: 24, Language: ptr("en"), CreatedAt: "2026-01-02 03:04:05",
				Owner: catalog.TopicOwner{
					FirstName: "Ivo", LastName: "Brandt", Name: "Ivo Brandt", Username: "ivo", ProfileURL: "https://media.example/ivo.jpg",
					UserType: ptr("curator"), HasEVMWallet: true, HasSolanaWallet: true,
				},
			},
			Public: true, Locked: true, Slug: "salt-light-on-the-harbour-wall", Identifier: "hX3kQ9a",
			CommentCount: 4, UpvoteCount: 57, ViewCount: 812, ExitCount: 96, RatingCount: 21, AverageRating: -64, ShareCount: 3, BookmarkCount: 8,
			VideoLink: "https://media.example/1042/index.m3u8", ThumbnailURL: "https://media.example/1042.jpg", GIFThumbnailURL: "https://media.example/1042.gif",
			ContractAddress: "0x01", ChainID: "8453", ChartURL: "https://chart.example/0x01",
			BaseToken: catalog.BaseToken{Address: "0x02", Name: "Harbour", Symbol: "HRB", ImageURL: "https://media.example/hrb.png"},
		},
		Viewer: recommend.Viewer{Upvoted: true, Bookmarked: true, Following: true},
		Score:  1.5,
	}
}

// bareItem is a post of which next to nothing is known.
func bareItem() recommend.Item {
	return recommend.Item{Post: &catalog.Post{
		ID: 7, CreatedAt: time.Date(1969, 12, 31, 23, 59, 59, 999_000_000, time.UTC), Owner: catalog.Owner{Username: "nobody"},
	}}
}

// plainItem is a post as most are: a category and no topic.
func plainItem() recommend.Item {
	item := fullItem()
	item.Post.ID = 2147483647
	item.Post.Topic = nil
	item.Post.Owner.UserType = nil
	item.Viewer = recommend.Viewer{}
	return item
}
