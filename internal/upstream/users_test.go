package upstream_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/upstream"
)

func TestHyphenatedInstagramKey(t *testing.T) {
	for _, value := range []string{`null`, `""`, `"someone"`} {
		page := fetch(t, upstream.Users, `{"id":6,"username":"user_6","first_name":"F","last_name":"L","profile_url":"p.png","instagram-url":`+value+`}`)
		want := []catalog.User{{ID: 6, Username: "user_6", FirstName: "F", LastName: "L", PictureURL: "p.png"}}
		if diff := cmp.Diff(want, page.Users); diff != "" {
			t.Errorf("instagram-url %s: %s", value, diff)
		}
	}
}

func TestOddUsernames(t *testing.T) {
	odd := []string{`000123.0a1b2c3d4e5f.0912`, `48151623`, `Ünïcode näme`, `with space`, `a/b?c=d&e`, `"quoted"`, `"`, `'; drop table users; --`, strings.Repeat("x", 300)}
	for i, username := range odd {
		page := fetch(t, upstream.Users, fmt.Sprintf(`{"id":%d,"username":%q}`, i+1, username))
		if len(page.Users) != 1 || page.Users[0].Username != username {
			t.Errorf("got %+v, want %q", page, username)
		}
	}
	if page := fetch(t, upstream.Users, `{"id":1,"username":48151623}`); page.Users[0].Username != "48151623" {
		t.Errorf("a username of digits without quotes: %+v", page.Users)
	}
	if page := fetch(t, upstream.Users, `{"id":1,"username":""}`); len(page.Unreadable) != 1 {
		t.Errorf("a user without a name was taken: %+v", page.Users)
	}
}

func TestPersonalDataStaysBehind(t *testing.T) {
	row := `{"id":6,"username":"user_6","first_name":"F","last_name":"L","profile_url":"p.png","email":"PRIVATE@example.invalid","last_login":"PRIVATE 2024-12-01",
		"referral_code":"PRIVATE","bio":"PRIVATE","latitude":"PRIVATE","gender":"PRIVATE","role":"PRIVATE"}`
	page := fetch(t, upstream.Users, row)
	if len(page.Users) != 1 || strings.Contains(fmt.Sprintf("%+v", page), "PRIVATE") {
		t.Errorf("got %+v", page)
	}
	broken := strings.Replace(row, `"username":"user_6"`, `"username":["PRIVATE"]`, 1)
	if page = fetch(t, upstream.Users, broken); len(page.Unreadable) != 1 || strings.Contains(fmt.Sprintf("%+v", page), "PRIVATE") {
		t.Errorf("of a row that can't be read: %+v", page)
	}
}
