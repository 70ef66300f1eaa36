package openapi_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// The size of an API that is larger than any that one edge is known to serve.
const (
	largeServices = 500
	largeMethods  = 10
)

// TestAnAPIOfFiveThousandOperationsIsDescribed asks for nothing but completeness; how long it takes is for
// BenchmarkLargeAPI to say.
func TestAnAPIOfFiveThousandOperationsIsDescribed(t *testing.T) {
	t.Parallel()
	doc, err := openapi.Build(largeAPI(t), openapi.Options{Title: "Large", APIVersion: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	if n := doc.Count(); n != largeServices*largeMethods {
		t.Errorf("%d operations", n)
	}
	for name, encode := range map[string]func() ([]byte, error){"JSON": doc.JSON, "YAML": doc.YAML} {
		text, err := encode()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := bytes.Count(text, []byte("operationId")); n != largeServices*largeMethods {
			t.Errorf("%s: %d operation ids", name, n)
		}
	}
}

func BenchmarkLargeAPI(b *testing.B) {
	api := largeAPI(b)
	opts := openapi.Options{Title: "Large", APIVersion: "v1"}
	doc, err := openapi.Build(api, opts)
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, step func() (int, error)) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				n, err := step()
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(n))
			}
		})
	}
	run("build", func() (int, error) {
		_, err := openapi.Build(api, opts)
		return 0, err
	})
	run("json", func() (int, error) {
		text, err := doc.JSON()
		return len(text), err
	})
	run("yaml", func() (int, error) {
		text, err := doc.YAML()
		return len(text), err
	})
}

// largeAPI compiles services of methods on messages that nest, share a few types, and are commented throughout.
func largeAPI(t testing.TB) *schema.API {
	t.Helper()
	dir := t.TempDir()
	for i := range largeServices {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("s%d.proto", i)), largeFile(i), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "shared.proto"), []byte(largeShared), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := source.Dir(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	api, err := schema.Compile(set, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return api
}

const largeShared = `syntax = "proto3";
package large.shared.v1;

// An amount of money.
message Money {
  // Of which currency.
  string currency_code = 1;
  // Whole units.
  int64 units = 2;
}

// Where something stands.
enum State {
  // Not said.
  STATE_UNSPECIFIED = 0;
  // In use.
  STATE_ACTIVE = 1;
  // No longer in use.
  STATE_RETIRED = 2;
}
`

// largeThing is a service with the resource that it keeps.
const largeThing = `syntax = "proto3";
package large.s%[1]d.v1;

import "google/api/annotations.proto";
import "google/protobuf/timestamp.proto";
import "shared.proto";

// What service %[1]d keeps.
message Thing%[1]d {
  // Identifies it: words and numbers.
  string name = 1;
  // What people call it.
  string display_name = 2;
  // How many there are.
  int32 count = 3;
  // When it was made.
  google.protobuf.Timestamp create_time = 4;
  // What one costs.
  large.shared.v1.Money price = 5;
  // Where it stands.
  large.shared.v1.State state = 6;
  // What it is made of.
  repeated Part parts = 7;
  // Free words.
  map<string, string> labels = 8;
  // The part that matters.
  oneof main {
    // By itself.
    Part part = 9;
    // By its name.
    string part_name = 10;
  }

  // A part of a thing.
  message Part {
    // Which it is.
    string name = 1;
    // How heavy it is: in grams.
    double weight = 2;
    // What it costs on its own.
    large.shared.v1.Money price = 3;
    // What it is made of in turn.
    repeated Part parts = 4;
  }
}

// Service %[1]d keeps things.
service Service%[1]d {
`

// largeRequest is what one of its methods is asked.
const largeRequest = `
// What Do%[2]d is asked.
message Do%[2]dRequest {
  // Which thing.
  string name = 1;
  // How many at once, from 1 to 100.
  int32 page_size = 2;
  // Where to go on.
  string page_token = 3;
  // What to leave out.
  repeated string without = 4;
  // From when on.
  google.protobuf.Timestamp since = 5;
  // What it may cost.
  large.shared.v1.Money price = 6;
  // Where it must stand.
  large.shared.v1.State state = 7;
  // Whether to try only.
  optional bool validate_only = 8;
  // How precise it must be.
  double precision = 9;
  // What to do it with.
  repeated Thing%[1]d.Part parts = 10;
}
`

// largeFile is a service with its messages.
func largeFile(service int) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, largeThing, service)
	for method := range largeMethods {
		verb, body := "get", ""
		if method%2 == 1 {
			verb, body = "post", ` body: "*"`
		}
		fmt.Fprintf(&out, `
  // Does the thing number %[2]d with a thing. It takes a while.
  rpc Do%[2]d(Do%[2]dRequest) returns (Thing%[1]d) {
    option (google.api.http) = {%[3]s: "/v1/s%[1]d/{name=things/*}/do%[2]d"%[4]s};
  }
`, service, method, verb, body)
	}
	out.WriteString("}\n")
	for method := range largeMethods {
		fmt.Fprintf(&out, largeRequest, service, method)
	}
	return out.Bytes()
}
