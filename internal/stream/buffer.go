package stream

import (
	"fmt"
	"io"
)

const (
	readSize = 4 << 10
	// keepSize is the most memory that a stream keeps between values. Streams wait long, and there are many.
	keepSize = 64 << 10
)

// buffer is what was read of a body and not yet taken.
type buffer struct {
	body   io.Reader
	max    int    // the most bytes that are kept for one value
	buf    []byte // what was read
	pos    int    // how much of it was taken
	before int64  // bytes of the body before those of buf
	ended  bool
	failed error // what reading failed with
}

func (b *buffer) unread() []byte { return b.buf[b.pos:] }

func (b *buffer) offset() int64 { return b.before + int64(b.pos) }

func (b *buffer) take(n int) []byte {
	taken := b.buf[b.pos : b.pos+n : b.pos+n]
	b.pos += n
	return taken
}

// fill reads once more. It returns false at the end of the body.
func (b *buffer) fill() (bool, error) {
	const patience = 100 // with reads of nothing
	b.makeRoom()
	for range patience {
		if b.ended || b.failed != nil {
			return false, b.failed
		}
		n, err := b.body.Read(b.buf[len(b.buf):cap(b.buf)])
		b.buf = b.buf[:len(b.buf)+n]
		if err == io.EOF {
			b.ended = true
		} else if err != nil {
			b.failed = fmt.Errorf("read the body: %w", err)
		}
		if n > 0 {
			return true, nil
		}
	}
	return false, fmt.Errorf("read the body: %w", io.ErrNoProgress)
}

// makeRoom sees to it that there is room behind the unread bytes. These are none, or an incomplete value of at most max
// bytes, so that a value is moved to the front once at most.
func (b *buffer) makeRoom() {
	unread, size := b.unread(), cap(b.buf)
	room := b.buf[:size]
	switch {
	case size == 0, size > keepSize && len(unread) < readSize/2:
		room = make([]byte, readSize)
	case len(unread) > 0 && len(b.buf) < size:
		return
	case len(unread) == size:
		room = make([]byte, size+min(size, b.max-size+1)) // one byte more than max shows that a value is too large
	}
	b.before += int64(b.pos)
	b.buf = room[:copy(room, unread)]
	b.pos = 0
}
