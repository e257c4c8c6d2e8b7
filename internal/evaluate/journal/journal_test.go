package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func open(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := Open(dir, "x")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func put(t *testing.T, j *Journal, key string, value any) {
	t.Helper()
	if err := j.Put(key, value); err != nil {
		t.Fatal(err)
	}
}

// content returns the values of keys that are known, -1 for others.
func content(j *Journal, keys ...string) []int {
	values := make([]int, len(keys))
	for i, key := range keys {
		if !j.Get(key, &values[i]) {
			values[i] = -1
		}
	}
	return values
}

func check(t *testing.T, what string, j *Journal, want ...int) {
	t.Helper()
	if got := content(j, "a", "b", "c"); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: a, b and c are %v, want %v", what, got, want)
	}
}

func TestRemembers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made")
	j := open(t, dir)
	put(t, j, "a", 1)
	put(t, j, "b", 2)
	put(t, j, "a", 3)
	check(t, "at once", j, 3, 2, -1)
	check(t, "opened again", open(t, dir), 3, 2, -1)
	other, err := Open(dir, "y")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	check(t, "of another measurement", other, -1, -1, -1)
	var text string
	if j.Get("a", &text) {
		t.Error("a number is known as a text")
	}
}

// A file cut off at any byte gives what was whole, and what comes then is remembered.
func TestCutAnywhere(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	put(t, j, "a", 1)
	put(t, j, "b", 2)
	whole, err := os.ReadFile(j.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	first := strings.Index(string(whole), "\n") + 1
	for cut := range len(whole) + 1 {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "evaluation-x.jsonl"), whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		want := []int{-1, -1, -1}
		if cut >= first-1 { // the end of a line may lack
			want[0] = 1
		}
		if cut >= len(whole)-1 {
			want[1] = 2
		}
		j := open(t, dir)
		check(t, fmt.Sprint("cut at ", cut), j, want...)
		put(t, j, "c", 9)
		want[2] = 9
		check(t, fmt.Sprint("cut at ", cut, " and gone on"), open(t, dir), want...)
	}
}

// A bit that flipped takes its own line with it and no other.
func TestFlippedBits(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	put(t, j, "a", 1)
	put(t, j, "b", 2)
	put(t, j, "c", 3)
	whole, err := os.ReadFile(j.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	for at := len(lines[0]); at < len(lines[0])+len(lines[1])-1; at++ {
		if broken := []byte(string(whole)); broken[at]^4 != '\n' {
			broken[at] ^= 4
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "evaluation-x.jsonl"), broken, 0o600); err != nil {
				t.Fatal(err)
			}
			check(t, fmt.Sprint("flipped at ", at), open(t, dir), 1, -1, 3)
		}
	}
}

func TestBounded(t *testing.T) {
	dir := t.TempDir()
	big := func(name string, age time.Duration) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, mostBytes/2); err != nil { // holes take no room
			t.Fatal(err)
		}
		when := time.Unix(1_000_000, 0).Add(-age)
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	big("evaluation-new.jsonl", 1)
	big("evaluation-older.jsonl", 2)
	big("evaluation-oldest.jsonl", time.Hour)
	big("embeddings-m.bin", 2*time.Hour)
	j := open(t, dir)
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	if got, want := strings.Join(names, " "), "embeddings-m.bin evaluation-new.jsonl evaluation-older.jsonl evaluation-x.jsonl"; got != want {
		t.Errorf("the folder holds %s, want %s", got, want)
	}
	j.size = mostBytes - 10
	put(t, j, "a", 1)
	check(t, "a full journal", j, -1, -1, -1)
	if info, err := j.file.Stat(); err != nil || info.Size() != 0 {
		t.Errorf("a full journal grew to %d bytes, error %v", info.Size(), err)
	}
}

func TestNothing(t *testing.T) {
	var j *Journal
	put(t, j, "a", 1)
	check(t, "nil", j, -1, -1, -1)
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "file\x00"), "x"); err == nil {
		t.Error("a folder that can't be made is no error")
	}
	full := open(t, t.TempDir())
	if err := full.Put("a", func() {}); err == nil {
		t.Error("a function is noted")
	}
}

func TestConcurrently(t *testing.T) {
	dir := t.TempDir()
	one, two := open(t, dir), open(t, dir) // two processes
	var group sync.WaitGroup
	for n, j := range []*Journal{one, two} {
		for g := range 4 {
			group.Go(func() {
				for i := range 100 {
					put(t, j, fmt.Sprint(n, g, i), i)
				}
			})
		}
	}
	group.Wait()
	if got := len(open(t, dir).known); got != 800 {
		t.Errorf("%d values are known, want 800", got)
	}
}
