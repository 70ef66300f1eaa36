// Command portal writes the foreign files of internal/portal/assets: Scalar's API reference, gzipped, and its licence.
//
//	go run ./tools/portal
//
// They come from the npm registry that npm is set up to use, and have to be what packages.go says, to the byte. For
// another version, write it there with the integrity that this prints:
//
//	npm view @scalar/api-reference@VERSION dist.integrity
//
// The reference is one file for browsers, and brings its styles. The licence is that of a package beside it, for its own
// archive holds none.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"
)

const (
	assets  = "internal/portal/assets"
	timeout = 5 * time.Minute
)

func main() {
	log.SetFlags(0)
	if err := refresh(context.Background(), assets); err != nil {
		log.Fatalf("portal: %v", err)
	}
}

// refresh writes the files of all packages to dir, once it has them all.
func refresh(ctx context.Context, dir string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	scratch, err := os.MkdirTemp("", "portal")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	files := map[string][]byte{}
	for _, p := range packages {
		archive, err := p.fetch(ctx, scratch)
		if err != nil {
			return err
		}
		if files[p.asset], err = p.open(archive); err != nil {
			return fmt.Errorf("%s: %w", p.spec(), err)
		}
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil { //nolint:gosec // everybody may read them
			return err
		}
	}
	return nil
}
