package sqlite

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// headerSize is the length of the two copies of the header with which the index of SQLite's journal, the file
// NAME-shm, begins. Every commit by whatever process writes both before anybody can see it: the number of
// frames in the journal is in it, and their checksum (https://www.sqlite.org/walformat.html, section 2.1).
const headerSize = 2 * 48

type header [headerSize]byte

// settled reports whether the header is written, and not just being written.
func (h *header) settled() bool {
	return bytes.Equal(h[:headerSize/2], h[headerSize/2:]) && *h != header{}
}

// journalIndex tells whether anything was committed since it was last looked at, for the price of one read of a
// file in memory.
type journalIndex struct {
	path string
	file atomic.Pointer[openedFile]
	last atomic.Pointer[glance]
}

// glance is the sequence number that was read when the header was not older than this.
type glance struct {
	header header
	seq    int64
}

// look returns the header; ok is false where there is none to be relied on.
func (j *journalIndex) look() (h header, ok bool) {
	f := j.file.Load()
	if f == nil {
		return h, false
	}
	n, err := f.ReadAt(h[:], 0)
	return h, n == headerSize && err == nil && h.settled()
}

// remember keeps what was read after a look, and opens the file the first time: there is a connection now.
func (j *journalIndex) remember(h header, ok bool, seq int64) {
	if ok {
		j.last.Store(&glance{h, seq})
	} else if j.file.Load() == nil {
		j.open()
	}
}

// opened are the open index files of this process. Closing any handle of a file gives up all locks of the
// process on it (POSIX), those of SQLite's other connections too, so each is open once and closed when the last
// store of that path is.
var opened = struct {
	sync.Mutex
	files map[string]*openedFile
}{files: map[string]*openedFile{}}

type openedFile struct {
	*os.File
	users int
}

func (j *journalIndex) open() {
	path, err := filepath.EvalSymlinks(j.path)
	if err != nil {
		return // asking SQLite each time goes on
	}
	opened.Lock()
	defer opened.Unlock()
	if j.file.Load() != nil {
		return
	}
	o := opened.files[path]
	if o == nil || !o.stands(path+"-shm") {
		f, err := os.Open(path + "-shm")
		if err != nil {
			return
		}
		o = &openedFile{File: f}
		opened.files[path] = o
	}
	o.users++
	j.path = path
	j.file.Store(o)
}

// stands reports whether the file is still the one of that name: whoever closes the last connection removes it,
// and the next one makes another.
func (o *openedFile) stands(name string) bool {
	now, err := os.Stat(name)
	if err != nil {
		return false
	}
	then, err := o.Stat()
	return err == nil && os.SameFile(then, now)
}

// close comes after all connections of the store are closed.
func (j *journalIndex) close() error {
	opened.Lock()
	defer opened.Unlock()
	o := j.file.Swap(nil)
	if o == nil {
		return nil
	}
	if o.users--; o.users > 0 {
		return nil
	}
	if opened.files[j.path] == o {
		delete(opened.files, j.path)
	}
	return o.Close()
}
