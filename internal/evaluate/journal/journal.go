// Package journal keeps what a long measurement has found out in a file, so that one that was
// interrupted goes on where it was.
//
// A line of the file is a checksum and a JSON object with a key and a value. Lines are appended in one
// call each and believed only when the checksum holds: what a dying process left half written counts
// for nothing, and the rest stands.
package journal

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Journal remembers values by key. A nil one remembers nothing. Safe for concurrent use.
type Journal struct {
	mu    sync.Mutex
	file  *os.File
	size  int64
	known map[string]json.RawMessage
}

// mostBytes bounds a journal, and all journals of a folder together: what comes beyond it is not
// remembered, and the oldest are deleted.
const mostBytes = 64 << 20

const prefix = "evaluation-"

type entry struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

// Open opens the journal of a measurement in dir, which is created. identity tells measurements apart:
// it is fit for a file's name, and stands for everything that their values depend on.
func Open(dir, identity string) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of journals: %w", err)
	}
	name := prefix + identity + ".jsonl"
	if err := sweep(dir, name); err != nil {
		return nil, fmt.Errorf("delete old journals: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open a journal: %w", err)
	}
	j := &Journal{file: file, known: map[string]json.RawMessage{}}
	if err := j.read(); err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", file.Name(), err), file.Close())
	}
	return j, nil
}

// sweep deletes the oldest journals but the one called keep, until the rest are within bounds.
func sweep(dir, keep string) error {
	paths, err := filepath.Glob(filepath.Join(dir, prefix+"*.jsonl"))
	if err != nil {
		return err
	}
	var files []fs.FileInfo
	for _, path := range paths {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) { // another process was quicker
			continue
		}
		if err != nil {
			return err
		}
		files = append(files, info)
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	var size int64
	for _, file := range files { // newest first
		size += file.Size()
		if size <= mostBytes || file.Name() == keep {
			continue
		}
		if err := os.Remove(filepath.Join(dir, file.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// read takes every whole line of the file. A broken last line is ended, so that the next one is whole.
func (j *Journal) read() error {
	r := bufio.NewReaderSize(j.file, 1<<20)
	for {
		line, err := r.ReadBytes('\n')
		j.size += int64(len(line))
		j.take(bytes.TrimSuffix(line, []byte("\n")))
		switch {
		case errors.Is(err, io.EOF) && len(line) > 0:
			_, err = j.file.WriteString("\n")
			return err
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// take believes a line if it is whole.
func (j *Journal) take(line []byte) {
	check, text, _ := bytes.Cut(line, []byte(" "))
	var e entry
	if string(check) == sum(text) && json.Unmarshal(text, &e) == nil {
		j.known[e.Key] = e.Value
	}
}

func sum(text []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(text)) }

// Get decodes the value of key into value and reports whether it is known.
func (j *Journal) Get(key string, value any) bool {
	if j == nil {
		return false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	raw, known := j.known[key]
	return known && json.Unmarshal(raw, value) == nil
}

// Put remembers a value, which JSON can hold.
func (j *Journal) Put(key string, value any) error {
	if j == nil {
		return nil
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("note %s: %w", key, err)
	}
	text, err := json.Marshal(entry{key, raw})
	if err != nil {
		return fmt.Errorf("note %s: %w", key, err)
	}
	line := append([]byte(sum(text)+" "), append(text, '\n')...)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.size+int64(len(line)) > mostBytes {
		return nil
	}
	j.size += int64(len(line))
	j.known[key] = raw
	if _, err := j.file.Write(line); err != nil {
		return fmt.Errorf("note %s: %w", key, err)
	}
	return nil
}

// Close closes the file.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	return j.file.Close()
}
