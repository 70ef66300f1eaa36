package accept_test

import (
	"slices"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/accept"
)

func seed(f *testing.F) {
	f.Helper()
	for _, header := range []string{
		"", "*", "*/*", "*;q=0", "gzip, br;q=0.5, *;q=0", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
		"text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5",
		`a/b;c="d,\"e;q=0", a/b;;q=0`, `x="`, "a/b;q=1.0000,,;", "\x00/\xff;q=.",
	} {
		f.Add(header, "identity;q=0, application/json")
	}
}

func FuzzMediaChoosesWhatIsOfferedAndNotExcluded(f *testing.F) {
	seed(f)
	offers := []string{"application/json", "text/plain;format=flowed", "application/protobuf"}
	f.Fuzz(func(t *testing.T, one, two string) {
		best, ok := accept.Media([]string{one, two}, offers)
		if best < 0 || best >= len(offers) || !ok && best != 0 {
			t.Fatalf("%d of %d offers, %v", best, len(offers), ok)
		}
		if best, ok := accept.Media([]string{offers[0] + ";q=0", one, two}, offers); ok && best == 0 {
			t.Error("excluded and chosen")
		}
		if best, ok := accept.Media([]string{offers[1], one, two}, offers[1:]); !ok || best != 0 {
			t.Error("nothing can be better than the first offer, and yet it was not chosen")
		}
	})
}

func FuzzEncodingChoosesWhatIsOfferedAndNotExcluded(f *testing.F) {
	seed(f)
	offers := []string{"zstd", "br", "gzip"}
	f.Fuzz(func(t *testing.T, one, two string) {
		coding, ok := accept.Encoding([]string{one, two}, offers)
		if coding != "" && (!ok || !slices.Contains(offers, coding)) {
			t.Fatalf("%q, %v", coding, ok)
		}
		if coding, _ := accept.Encoding([]string{"gzip;q=0", one, two}, offers); coding == "gzip" {
			t.Error("excluded and chosen")
		}
		if coding, ok := accept.Encoding([]string{"identity;q=0", one, two}, offers); ok != (coding != "") {
			t.Error("identity was excluded and chosen")
		}
		if coding, ok := accept.Encoding([]string{"zstd", one, two}, offers); !ok || coding != "zstd" {
			t.Error("nothing can be better than the first offer, and yet it was not chosen")
		}
	})
}
