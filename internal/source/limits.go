package source

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// What one origin may be at most. The largest public API collections, compiled with their comments, stay well below.
const (
	maxBytes = 64 << 20 // of an image when decompressed, or of .proto text
	maxFiles = 20_000

	maxReflectedBytes    = 64 << 20
	maxReflectedFiles    = 5000
	maxReflectedServices = 2000
	reflectionTime       = 30 * time.Second

	// maxPublicPaths is how many ways may lead through public imports. The protobuf runtime walks every one of them,
	// and a few dozen small files can have more than there is time for.
	maxPublicPaths = 1 << 16
)

var errTooManyBytes = fmt.Errorf("is larger than %d MiB: leave out what the API does not need", maxBytes>>20)

var errTooManyFiles = fmt.Errorf("has more than %d files: leave out what the API does not need", maxFiles)

// readLimited reads all of r, unless that is more than limit bytes.
func readLimited(r io.Reader, limit int) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > limit {
		return nil, errTooManyBytes
	}
	return raw, nil
}

// problemAt makes a Problem of an error, about a whole file or origin, unless it has been made of Problems already.
func problemAt(file string, err error) error {
	var problem Problem
	if err == nil || errors.As(err, &problem) {
		return err
	}
	return Problem{Position: Position{File: file}, Message: plain(err)}
}
