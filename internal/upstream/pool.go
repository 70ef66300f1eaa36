package upstream

import (
	"math/bits"
	"sync"

	"google.golang.org/grpc/mem"
)

// largestPooled is the size of the largest buffers that are kept; larger ones are left to the collector.
const largestPooled = 1 << 20

// pool keeps buffers by powers of two. gRPC's own pool has nothing between 32 KiB and 1 MiB, and clears what it hands
// out, which here is overwritten whole. It may be used by any number of goroutines at once.
type pool struct {
	classes [21]sync.Pool // of 1<<class bytes, up to largestPooled
}

var _ mem.BufferPool = (*pool)(nil)

// messages holds requests and replies while they travel.
var messages pool

// Get returns a buffer of that length whose bytes are anything.
func (p *pool) Get(length int) *[]byte {
	if length == 0 || length > largestPooled {
		b := make([]byte, length)
		return &b
	}
	class := bits.Len(uint(length - 1))
	if b, ok := p.classes[class].Get().(*[]byte); ok {
		*b = (*b)[:length]
		return b
	}
	b := make([]byte, length, 1<<class)
	return &b
}

// Put takes a buffer back. Those that did not come from Get are left to the collector.
func (p *pool) Put(b *[]byte) {
	size := cap(*b)
	if size == 0 || size > largestPooled || size&(size-1) != 0 {
		return
	}
	p.classes[bits.Len(uint(size-1))].Put(b)
}
