package movielens_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/errs"
	"resonance/internal/evaluate/dataset"
	"resonance/internal/evaluate/movielens"
	"resonance/internal/interaction"
)

const (
	movies = `movieId,title,genres
3,"American President, The (1995)",Comedy|Drama
12,Nameless,(no genres listed)
`
	ratings = `userId,movieId,rating,timestamp
2,12,3.5,1000
1,3,0.5,900
2,3,5.0,800
`
)

func source(t *testing.T, movies, ratings string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"movies.csv": movies, "ratings.csv": ratings} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestConvert(t *testing.T) {
	kinds := map[movielens.As][]dataset.Event{
		movielens.Ratings: {{Kind: interaction.Rating, Value: 70}, {Kind: interaction.Rating, Value: 10}, {Kind: interaction.Rating, Value: 100}},
		movielens.Views: {
			{Kind: interaction.View, Value: interaction.NoValue}, {Kind: interaction.View, Value: interaction.NoValue},
			{Kind: interaction.View, Value: interaction.NoValue},
		},
	}
	for as, want := range kinds {
		t.Run(string(as), func(t *testing.T) {
			to := filepath.Join(t.TempDir(), "new")
			counts, err := movielens.Convert(t.Context(), source(t, movies, ratings), to, as)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(movielens.Counts{Posts: 2, Users: 2, Interactions: 3}, counts); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			d, err := dataset.FromFolder(t.Context(), to, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range [][3]int64{{2, 1, 1000}, {1, 0, 900}, {2, 0, 800}} {
				want[i].User, want[i].Item, want[i].At, want[i].Line = e[0], int(e[1]), e[2]*1000, i
			}
			if diff := cmp.Diff(want, d.Events); diff != "" {
				t.Errorf("events in the order of the file (-want +got):\n%s", diff)
			}
			film, nameless := d.Posts[0], d.Posts[1]
			if film.ID != 3 || film.Genre != "Comedy/Drama" || film.Category.Name != "Comedy" || film.CreatedAt.Year() != 1995 || film.Owner.Username != "" {
				t.Errorf("post %+v", film)
			}
			if diff := cmp.Diff([]string{"Comedy", "Drama"}, film.Keywords); diff != "" {
				t.Errorf("keywords (-want +got):\n%s", diff)
			}
			if nameless.Category != nil || nameless.Genre != "" || nameless.CreatedAt.Year() != 1970 {
				t.Errorf("post without year and genre %+v", nameless)
			}
		})
	}
}

func TestConvertRefuses(t *testing.T) {
	tests := map[string]struct {
		source string
		as     movielens.As
		kind   error
		want   string
	}{
		"another kind":   {t.TempDir(), "likes", errs.Invalid, "neither ratings nor views"},
		"no files":       {t.TempDir(), movielens.Views, errs.NotFound, "movies.csv"},
		"a wrong number": {source(t, "movieId,title,genres\nx,A,B\n", ratings), movielens.Views, errs.Invalid, "movies.csv:2: "},
		"six stars":      {source(t, movies, "u,m,r,t\n1,3,6,5\n"), movielens.Views, errs.Invalid, "0.5..5"},
		"no stars":       {source(t, movies, "u,m,r,t\n1,3,NaN,5\n"), movielens.Ratings, errs.Invalid, "0.5..5"},
		"no time":        {source(t, movies, "u,m,r,t\n1,3,4,then\n"), movielens.Ratings, errs.Invalid, "timestamp"},
		"short rows":     {source(t, movies, "u,m\n1,3\n"), movielens.Ratings, errs.Invalid, "2 columns"},
		"ragged rows":    {source(t, movies, "u,m,r,t\n1,3\n"), movielens.Ratings, errs.Invalid, "ratings.csv"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := movielens.Convert(t.Context(), test.source, t.TempDir(), test.as)
			if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %v with %q", err, test.kind, test.want)
			}
		})
	}
}
