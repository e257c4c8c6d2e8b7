package main

import (
	"strings"
	"time"
	"unicode"
)

// wholeFeed selects every field of the documented JSON.
const wholeFeed = `query($u: String!, $p: String, $k: Int) { feed(username: $u, projectCode: $p, topK: $k) {
  id: databaseId
  owner { firstName lastName name username pictureUrl userType hasEvmWallet hasSolanaWallet }
  category { id: databaseId name count description imageUrl }
  topic { id: databaseId name description imageUrl slug isPublic projectCode postsCount language createdAt
    owner { firstName lastName name username profileUrl userType hasEvmWallet hasSolanaWallet } }
  title isAvailableInPublicFeed isLocked slug upvoted bookmarked following identifier
  commentCount upvoteCount viewCount exitCount ratingCount averageRating shareCount bookmarkCount
  videoLink thumbnailUrl gifThumbnailUrl contractAddress chainId chartUrl
  baseToken { address name symbol imageUrl } createdAt tags
} }`

// snakeKeys turns a post as GraphQL shows it into the documented JSON.
func snakeKeys(post map[string]any) {
	rename(post)
	post["baseToken"] = post["base_token"]
	delete(post, "base_token")
	post["created_at"] = float64(parseTime(post["created_at"]).UnixMilli())
	if topic, ok := post["topic"].(map[string]any); ok {
		topic["created_at"] = parseTime(topic["created_at"]).Format(time.DateTime)
	}
}

func rename(object map[string]any) {
	for key, value := range object {
		if inner, ok := value.(map[string]any); ok {
			rename(inner)
		}
		if snake := snakeCase(key); snake != key {
			delete(object, key)
			object[snake] = value
		}
	}
}

func snakeCase(camel string) string {
	var b strings.Builder
	for _, r := range camel {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func parseTime(value any) time.Time {
	at, err := time.Parse(time.RFC3339, value.(string))
	if err != nil {
		panic(err)
	}
	return at.UTC()
}
