package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"io"
	"strings"
	"testing"
)

const script = "a script, a script, a script"

// archive is what npm makes of a package.
func archive(t *testing.T) []byte {
	t.Helper()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	files := tar.NewWriter(zip)
	for name, content := range map[string]string{"package/LICENSE": "MIT", "package/dist/app.js": script} {
		if err := files.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(files, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func integrity(archive []byte) string {
	sum := sha512.Sum512(archive)
	return "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}

func TestAnAssetIsAFileOfItsPackage(t *testing.T) {
	t.Parallel()
	a := archive(t)
	plain, err := source{integrity: integrity(a), entry: "package/dist/app.js", asset: "app.js"}.open(a)
	if err != nil || string(plain) != script {
		t.Errorf("got %q, %v", plain, err)
	}
	packed, err := source{integrity: integrity(a), entry: "package/dist/app.js", asset: "app.js.gz"}.open(a)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(r); err != nil || string(content) != script {
		t.Errorf("got %q, %v", content, err)
	}
	if r.Name != "" || !r.ModTime.IsZero() {
		t.Errorf("the gzipped file tells its name %q and time %v", r.Name, r.ModTime)
	}
}

func TestAPackageThatIsNotTheExpectedOneIsRefused(t *testing.T) {
	t.Parallel()
	a := archive(t)
	for _, c := range []struct {
		name    string
		source  source
		problem string
	}{
		{"other content", source{integrity: "sha512-AAAA", entry: "package/LICENSE"}, "its integrity is " + integrity(a) + ", not sha512-AAAA"},
		{"no such file", source{integrity: integrity(a), entry: "package/NOTICE"}, "look for package/NOTICE: EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := c.source.open(a); err == nil || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("got %v, want %s", err, c.problem)
			}
		})
	}
}
