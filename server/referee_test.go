package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// exchange is a request to both fronts. differs names the row of docs/grpc-gateway.md that explains why the answers are
// not the same; then they must not be.
type exchange struct {
	method, path, body string
	header             http.Header
	differs            string
}

func get(path string) exchange { return exchange{method: http.MethodGet, path: path} }

func post(path, body string) exchange {
	return exchange{method: http.MethodPost, path: path, body: body}
}

func patch(path, body string) exchange {
	return exchange{method: http.MethodPatch, path: path, body: body}
}

// with adds headers: a name, its value, and so on.
func (x exchange) with(header ...string) exchange {
	x.header = http.Header{}
	for i := 0; i < len(header); i += 2 {
		x.header.Add(header[i], header[i+1])
	}
	return x
}

func (x exchange) unlike(difference string) exchange {
	x.differs = difference
	return x
}

// under puts a prefix in front of the paths.
func under(prefix string, list ...exchange) []exchange {
	for i := range list {
		list[i].path = prefix + list[i].path
	}
	return list
}

// witness tells what a backend was asked last.
type witness interface {
	Last() (proto.Message, metadata.MD)
}

// referee is the edge in the grpc-gateway preset and grpc-gateway itself, in front of one backend.
type referee struct {
	backend       witness
	edge, gateway string
	tape          *edgetest.Tape  // nil if the backend answers the same call always the same
	explained     map[string]bool // the rows of docs/grpc-gateway.md
	shown         map[string]bool // those that a case has shown
}

// newReferee compares in front of a backend of edgetest.v1.
func newReferee(t *testing.T) *referee {
	t.Helper()
	backend := edgetest.StartBackend(t)
	r := &referee{backend: backend, explained: explanations(t), shown: map[string]bool{}}
	_, r.edge = edgetest.Edge(t, inPreset(edgetest.InFrontOf(backend.Target)))
	r.gateway = edgetest.Gateway(t, backend.Target, func(mux *runtime.ServeMux, conn *grpc.ClientConn) error {
		return edgetestv1.RegisterEverythingServiceHandler(t.Context(), mux, conn)
	})
	return r
}

// newResourceReferee compares in front of a backend that streams in all directions.
func newResourceReferee(t *testing.T) *referee {
	t.Helper()
	backend := edgetest.StartResources(t)
	r := &referee{backend: backend, explained: explanations(t), shown: map[string]bool{}}
	_, r.edge = edgetest.Edge(t, inPreset(edgetest.InFrontOf(backend.Target)))
	r.gateway = edgetest.Gateway(t, backend.Target, func(mux *runtime.ServeMux, conn *grpc.ClientConn) error {
		return edgetestv1.RegisterResourceServiceHandler(t.Context(), mux, conn)
	})
	return r
}

func inPreset(cfg *configv1.Config) *configv1.Config {
	cfg.Dialect = &configv1.Dialect{Preset: configv1.Dialect_PRESET_GRPC_GATEWAY}
	return cfg
}

// explanations are the differences that docs/grpc-gateway.md lists.
func explanations(t *testing.T) map[string]bool {
	t.Helper()
	page, err := os.ReadFile("../docs/grpc-gateway.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, " | ")
		if len(cells) == 2 && strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| ---") {
			rows[strings.TrimPrefix(cells[0], "| ")] = true
		}
	}
	delete(rows, "difference")
	return rows
}

// outcome is what a front made of a request.
type outcome struct {
	status          int
	values          []any // the JSON values of the body; of errors that the front itself inferred, the code alone
	header, trailer http.Header
	request         proto.Message // what the backend got
	metadata        metadata.MD
	requestID       bool // the details hold the request id
}

func (r *referee) ask(t *testing.T, front string, x exchange) outcome {
	t.Helper()
	r.backend.Last()
	req, err := http.NewRequestWithContext(t.Context(), x.method, front+x.path, strings.NewReader(x.body))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(req.Header, x.header)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", x.method, x.path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", x.method, x.path, err)
	}
	o := outcome{status: res.StatusCode, header: compared(res.Header), trailer: compared(res.Trailer)}
	o.request, o.metadata = r.backend.Last()
	for _, key := range []string{":authority", "x-forwarded-host", "user-agent"} { // of the front, not of the request
		delete(o.metadata, key)
	}
	o.read(text)
	return o
}

// compared are the headers that have to be the same.
func compared(h http.Header) http.Header {
	same := http.Header{}
	for name, values := range h {
		switch {
		case strings.HasPrefix(name, "Grpc-") && name != "Grpc-Metadata-Trailer", name == "Content-Type", name == "Www-Authenticate":
			same[name] = values
		}
	}
	return same
}

// read parses the body. What is not JSON is kept as text.
func (o *outcome) read(text []byte) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	for {
		var value any
		err := dec.Decode(&value)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			o.values = []any{string(text)}
			return
		}
		if fields, ok := value.(map[string]any); ok {
			if chunk, ok := fields["error"].(map[string]any); ok && len(fields) == 1 {
				o.trimError(chunk)
			} else if o.status >= http.StatusBadRequest {
				o.trimError(fields)
			}
		}
		o.values = append(o.values, value)
	}
}

// trimError leaves of an error what has to be the same: of one that the front inferred the code alone, of one that the
// backend gave all but what docs/grpc-gateway.md explains as request-id.
func (o *outcome) trimError(fields map[string]any) {
	if o.request == nil {
		maps.DeleteFunc(fields, func(name string, _ any) bool { return name != "code" })
		return
	}
	details, _ := fields["details"].([]any)
	fields["details"] = slices.DeleteFunc(details, func(d any) bool {
		detail, _ := d.(map[string]any)
		switch detail["@type"] {
		case "type.googleapis.com/google.rpc.RequestInfo":
			o.requestID = true
			return true
		case "type.googleapis.com/google.rpc.DebugInfo":
			return true
		default:
			return false
		}
	})
}

func (o outcome) same(other outcome) bool {
	return o.status == other.status && reflect.DeepEqual(o.values, other.values) && proto.Equal(o.request, other.request) &&
		reflect.DeepEqual(o.header, other.header) && reflect.DeepEqual(o.trailer, other.trailer) && reflect.DeepEqual(o.metadata, other.metadata)
}

// difference tells people what two outcomes do not share.
func difference(edge, gateway outcome) string {
	var b strings.Builder
	for _, part := range []struct {
		name          string
		edge, gateway any
	}{
		{"status", edge.status, gateway.status},
		{"body", edge.values, gateway.values},
		{"header", edge.header, gateway.header},
		{"trailer", edge.trailer, gateway.trailer},
		{"backend", fmt.Sprint(edge.request), fmt.Sprint(gateway.request)},
		{"metadata", map[string][]string(edge.metadata), map[string][]string(gateway.metadata)},
	} {
		if !reflect.DeepEqual(part.edge, part.gateway) {
			fmt.Fprintf(&b, "\n%s\n  edge:         %v\n  grpc-gateway: %v", part.name, short(part.edge), short(part.gateway))
		}
	}
	return b.String()
}

// short leaves out of JSON what is unset, and most of what is long.
func short(v any) any {
	const most = 600
	if values, ok := v.([]any); ok {
		for _, value := range values {
			if fields, ok := value.(map[string]any); ok {
				maps.DeleteFunc(fields, func(_ string, v any) bool {
					return slices.Contains([]string{"<nil>", "false", "0", "", "[]", "map[]"}, fmt.Sprint(v))
				})
			}
		}
	}
	text := fmt.Sprint(v)
	return text[:min(len(text), most)]
}

func (r *referee) compare(t *testing.T, x exchange) {
	t.Helper()
	if r.tape != nil {
		r.tape.Record()
	}
	gateway := r.ask(t, r.gateway, x)
	if r.tape != nil {
		r.tape.Play()
	}
	edge := r.ask(t, r.edge, x)
	r.shown[x.differs] = true
	if edge.requestID && !gateway.requestID {
		r.shown["request-id"] = true
	}
	switch same := edge.same(gateway); {
	case x.differs == "" && !same:
		t.Errorf("%s %s\n%s%s", x.method, x.path, x.body, difference(edge, gateway))
	case x.differs != "" && same:
		t.Errorf("%s %s\n%s\nis said to differ (%s) but both answer %d %v", x.method, x.path, x.body, x.differs, edge.status, short(edge.values))
	case x.differs != "" && !r.explained[x.differs]:
		t.Errorf("docs/grpc-gateway.md does not explain %q", x.differs)
	}
}

// TestValidationRefusesWhatTheServicesRefuse holds the edge, which validates, against the shop's services, which do so with
// the validators that are generated from the same rules.
func TestValidationRefusesWhatTheServicesRefuse(t *testing.T) {
	t.Parallel()
	r := refereeOfShop(t, nil, "INTERNAL", "PARTNER")
	refused := 0
	for _, x := range shopCorpus() {
		if x.differs != "" {
			continue
		}
		r.tape.Record()
		gateway := r.ask(t, r.gateway, x)
		r.tape.Play()
		edge := r.ask(t, r.edge, x)
		if failed := func(o outcome) bool { return o.status >= http.StatusBadRequest }; failed(edge) != failed(gateway) || edge.status == http.StatusBadRequest && gateway.status != edge.status {
			t.Errorf("%s %s\n%s\nis %d where the service says %d", x.method, x.path, x.body, edge.status, gateway.status)
		}
		if edge.request == nil && gateway.request != nil {
			refused++
		}
	}
	if refused < 10 {
		t.Errorf("only %d cases break a rule", refused)
	}
}

// TestTheGatewayPresetAnswersAsGRPCGatewayDoes holds the edge against the handlers that grpc-gateway generates, and the
// page on their differences against both.
func TestTheGatewayPresetAnswersAsGRPCGatewayDoes(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	t.Run("everything", func(t *testing.T) {
		r := newReferee(t)
		for _, x := range corpus() {
			r.compare(t, x)
		}
		maps.Copy(shown, r.shown)
	})
	t.Run("resources", func(t *testing.T) {
		r := newResourceReferee(t)
		for _, x := range resourceCorpus() {
			r.compare(t, x)
		}
		maps.Copy(shown, r.shown)
	})
	t.Run("shop, all labels", func(t *testing.T) {
		r := newShopReferee(t, "INTERNAL", "PARTNER")
		for _, x := range shopCorpus() {
			r.compare(t, x)
		}
		maps.Copy(shown, r.shown)
	})
	t.Run("shop, no labels", func(t *testing.T) {
		r := newShopReferee(t)
		r.compare(t, get("/v1/profiles/c-1001").unlike("visibility"))
		r.compare(t, get("/v1/products/copper-saucepan").unlike("visibility"))
		r.compare(t, get("/v1/products?pageSize=2").unlike("visibility"))
		r.compare(t, get("/v1/profiles/c-999999"))
		maps.Copy(shown, r.shown)
	})
	t.Run("shop, validated", func(t *testing.T) {
		r := refereeOfShop(t, nil, "INTERNAL", "PARTNER")
		r.compare(t, get("/v1/products?pageSize=-1").unlike("validation"))
		maps.Copy(shown, r.shown)
	})
	for difference := range explanations(t) {
		if !shown[difference] {
			t.Errorf("no case shows the difference %q", difference)
		}
	}
}
