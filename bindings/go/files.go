// Files of HTML that hold no directive: known by their validators, they pass as all other files do.

package eyot

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// plainFiles are files that were searched and found without a directive, as net/http sends files: by http.ServeContent,
// which says when they changed and takes ranges.
type plainFiles struct {
	mutex sync.Mutex
	known map[plainFile]string
}

// plainFile is one state of a file; its length is beside it.
type plainFile struct{ host, target, modified, etag string }

const (
	mostPlainFiles = 1024
	// Longer targets are not kept: nobody names a file so.
	longestTarget = 512
	// A file that changed just now may change once more without another date, which has whole seconds.
	settledAfter = 2 * time.Second
)

// fileOf is the file that a response holds, all of it or a part, and its length: empty for several ranges.
func fileOf(r *http.Request, status int, header http.Header) (file plainFile, length string, found bool) {
	modified := header.Get("Last-Modified")
	isFile := modified != "" && header.Get("Accept-Ranges") == "bytes" && header.Get("Content-Encoding") == ""
	if !isFile || varies(header) || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return plainFile{}, "", false
	}
	target := r.URL.RequestURI()
	if len(target) > longestTarget {
		return plainFile{}, "", false
	}
	switch status {
	case http.StatusOK:
		length = header.Get("Content-Length")
		found = length != ""
	case http.StatusPartialContent:
		_, length, _ = strings.Cut(header.Get("Content-Range"), "/")
		found = length != "" || strings.HasPrefix(header.Get("Content-Type"), "multipart/")
	}
	return plainFile{r.Host, target, modified, header.Get("ETag")}, length, found
}

// varies tells whether the same address may have other bytes for somebody else: files have not.
func varies(header http.Header) bool {
	for _, name := range header["Vary"] {
		if !strings.EqualFold(name, "Accept-Encoding") && !strings.EqualFold(name, "Origin") {
			return true
		}
	}
	return len(header["Set-Cookie"]) > 0
}

// holds tells whether a response is such a file, or a part of one.
func (p *plainFiles) holds(r *http.Request, status int, header http.Header) bool {
	file, length, found := fileOf(r, status, header)
	if !found {
		return false
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	known, found := p.known[file]
	return found && (length == known || length == "")
}

// add keeps a file whose whole content was found to hold no directive, and tells whether that could be done.
func (p *plainFiles) add(r *http.Request, status int, header http.Header, body []byte, now time.Time) bool {
	file, length, found := fileOf(r, status, header)
	changed, err := http.ParseTime(file.modified)
	isWhole := status == http.StatusOK && length == strconv.Itoa(len(body))
	if !found || err != nil || !isWhole || now.Sub(changed) < settledAfter {
		return false
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if len(p.known) >= mostPlainFiles {
		for any := range p.known {
			delete(p.known, any)
			break
		}
	}
	if p.known == nil {
		p.known = map[plainFile]string{}
	}
	p.known[file] = length
	return true
}
