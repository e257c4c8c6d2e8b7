package interaction

import (
	"errors"
	"strings"
	"testing"
	"time"

	"resonance/internal/errs"
)

// Names and keys have at most 255 characters, however many bytes one takes, as REST's schema counts them.
func TestTextsHaveALimit(t *testing.T) {
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for _, letter := range []string{"x", "ḁ"} {
		most, more := strings.Repeat(letter, 255), strings.Repeat(letter, 256)
		for want, d := range map[string]Draft{
			"":                         {Username: most, Key: most},
			"username: has 256":        {Username: more},
			"idempotency key: has 256": {Username: most, Key: more},
		} {
			d.PostID, d.Kind = 1, Like
			_, err := d.Interaction(now)
			if want == "" && err != nil || want != "" && (!errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s: error %v, want %q", letter, err, want)
			}
		}
	}
}
