package main

import (
	"bytes"
	"net"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/conformance/cases"
	"github.com/gatehouse-edge/gatehouse/internal/corpus"
)

// TestGatehouse plays every case against the edge.
func TestGatehouse(t *testing.T) {
	t.Parallel()
	all, err := corpus.Load(cases.Files)
	if err != nil {
		t.Fatal(err)
	}
	backend, address := startBackend(t)
	fronts := corpus.NewFronts(gatehouse(t.Context(), address))
	t.Cleanup(func() { fronts.Close() }) //nolint:errcheck // nothing is in flight any more
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			url, err := fronts.Front(c.Settings)
			if err != nil {
				t.Fatal(err)
			}
			for _, difference := range backend.RunCase(t.Context(), c, url) {
				t.Error(difference)
			}
		})
	}
}

func startBackend(t *testing.T) (b *corpus.Backend, address string) {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b = corpus.NewBackend()
	go b.Serve(lis) //nolint:errcheck // it ends when the test stops it
	t.Cleanup(b.Stop)
	return b, lis.Addr().String()
}

func TestEveryPromiseIsOneSentenceOfItsOwn(t *testing.T) {
	t.Parallel()
	all, err := corpus.Load(cases.Files)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, c := range all {
		if !strings.HasSuffix(c.Promise, ".") || len(c.Promise) > 180 {
			t.Errorf("%s: %q", c.Name, c.Promise)
		}
		if other, ok := seen[c.Promise]; ok {
			t.Errorf("%s promises what %s does", c.Name, other)
		}
		seen[c.Promise] = c.Name
	}
}

func TestAGatewayElsewhereIsAskedOverHTTP(t *testing.T) {
	t.Parallel()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := lis.Addr().String()
	if err := lis.Close(); err != nil {
		t.Fatal(err)
	}
	_, described := startBackend(t)
	fronts := corpus.NewFronts(gatehouse(t.Context(), address))
	t.Cleanup(func() { fronts.Close() }) //nolint:errcheck // nothing is in flight any more
	url, err := fronts.Front(`sources: [{reflection: "` + described + `"}]`)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	passed, err := run(t.Context(), []string{"--target", url, "--listen", address, "--only", "selection/", "--markdown"}, &out)
	if err != nil || !passed || !strings.Contains(out.String(), "| selection | 4/4 |") {
		t.Errorf("%t %v\n%s", passed, err, out.String())
	}
}

func TestACommandLineThatIsWrongIsAnError(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--only", "no such case"}, {"more"}, {"--listen", "nowhere", "--target", "http://127.0.0.1:1"}} {
		if _, err := run(t.Context(), args, new(bytes.Buffer)); err == nil {
			t.Errorf("%q is right", args)
		}
	}
}
