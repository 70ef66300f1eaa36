package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// source is a file of an npm package.
type source struct {
	name, version string
	integrity     string // of the package's archive, as the registry writes it
	entry         string // the file's name in that archive
	asset         string // the file's name here; one that ends in .gz is gzipped
}

func (s source) spec() string { return s.name + "@" + s.version }

// fetch has npm put the package's archive into dir, and reads it.
func (s source) fetch(ctx context.Context, dir string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", dir, s.spec()) //nolint:gosec // packages.go names it
	cmd.Stderr = os.Stderr
	name, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("npm pack %s: %w", s.spec(), err)
	}
	return os.ReadFile(filepath.Join(dir, strings.TrimSpace(string(name))))
}

// open takes the file out of the package's archive, which has to be the one that is expected.
func (s source) open(archive []byte) ([]byte, error) {
	sum := sha512.Sum512(archive)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != s.integrity {
		return nil, fmt.Errorf("its integrity is %s, not %s", got, s.integrity)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	content, err := find(tar.NewReader(unpacked), s.entry)
	if err != nil || !strings.HasSuffix(s.asset, ".gz") {
		return content, err
	}
	return pack(content)
}

func find(archive *tar.Reader, entry string) ([]byte, error) {
	for {
		header, err := archive.Next()
		if err != nil {
			return nil, fmt.Errorf("look for %s: %w", entry, err)
		}
		if header.Name == entry {
			return io.ReadAll(archive)
		}
	}
}

// pack gzips without a name and a time, so that the same content is the same file.
func pack(content []byte) ([]byte, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
