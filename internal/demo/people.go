package demo

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"resonance/internal/catalog"
)

// viewer is a user together with what moves them.
type viewer struct {
	catalog.User
	tastes     map[string]int64 // category name to weight 1..9; empty for somebody who never came back
	favourites map[string]bool  // usernames of authors
	events     int              // how many interactions they leave
	first      time.Duration    // before the store's creation
	last       time.Duration
}

func picture(username string) string { return cdn + "people/" + username + ".jpg" }

func readAuthors(fsys fs.FS, name string) (map[string]catalog.Owner, error) {
	authors := map[string]catalog.Owner{}
	err := parseTable(fsys, name, 3, func(cells []string) error {
		username, userType := cells[0], cells[2]
		if _, twice := authors[username]; twice {
			return fmt.Errorf("author %q is there twice", username)
		}
		first, last, _ := strings.Cut(cells[1], " ")
		owner := catalog.Owner{FirstName: first, LastName: last, Username: username, PictureURL: picture(username)}
		if userType != "-" {
			owner.UserType = &userType
		}
		authors[username] = owner
		return nil
	})
	return authors, err
}

func readViewers(fsys fs.FS, name string, authors map[string]catalog.Owner) ([]viewer, error) {
	var viewers []viewer
	err := parseTable(fsys, name, 7, func(cells []string) error {
		v := viewer{User: catalog.User{ID: int64(len(viewers)) + 1, Username: cells[0], PictureURL: picture(cells[0])}}
		v.FirstName, v.LastName, _ = strings.Cut(cells[1], " ")
		if cells[1] == "" {
			author, ok := authors[v.Username]
			if !ok {
				return fmt.Errorf("%q has no name and is not in authors.txt", v.Username)
			}
			v.FirstName, v.LastName = author.FirstName, author.LastName
		}
		var err error
		if v.events, err = strconv.Atoi(cells[4]); err != nil {
			return fmt.Errorf("events: %w", err)
		}
		if v.events > 0 {
			err = v.readHabits(cells[2:], authors)
		}
		viewers = append(viewers, v)
		return err
	})
	return viewers, err
}

// readHabits reads the cells of somebody who watches: tastes, favourite authors, events, first and
// last visit.
func (v *viewer) readHabits(cells []string, authors map[string]catalog.Owner) (err error) {
	v.tastes, v.favourites = map[string]int64{}, map[string]bool{}
	for _, taste := range splitList(cells[0]) {
		at := strings.LastIndexByte(taste, ' ')
		weight, err := strconv.ParseInt(taste[at+1:], 10, 8)
		if at < 0 || err != nil || weight < 1 || weight > 9 {
			return fmt.Errorf("taste %q is not like \"Pottery 6\"", taste)
		}
		v.tastes[taste[:at]] = weight
	}
	for _, author := range splitList(cells[1]) {
		if _, ok := authors[author]; !ok {
			return fmt.Errorf("favourite %q is not in authors.txt", author)
		}
		v.favourites[author] = true
	}
	if v.first, err = parseAge(cells[3]); err != nil {
		return fmt.Errorf("first visit: %w", err)
	}
	if v.last, err = parseAge(cells[4]); err != nil {
		return fmt.Errorf("last visit: %w", err)
	}
	if v.last > v.first {
		return fmt.Errorf("last visit %s is before the first", cells[4])
	}
	return nil
}
