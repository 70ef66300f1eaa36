package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
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

// referee is the edge in the grpc-gateway preset and grpc-gateway itself, in front of one backend.
type referee struct {
	backend          *edgetest.Backend
	edge, gateway    string
	explained, shown map[string]bool
}

func newReferee(t *testing.T) *referee {
	t.Helper()
	r := &referee{backend: edgetest.StartBackend(t), explained: explanations(t), shown: map[string]bool{}}
	cfg := edgetest.InFrontOf(r.backend.Target)
	cfg.Dialect = &configv1.Dialect{Preset: configv1.Dialect_PRESET_GRPC_GATEWAY}
	_, r.edge = edgetest.Edge(t, cfg)
	r.gateway = edgetest.Gateway(t, r.backend.Target, func(mux *runtime.ServeMux, conn *grpc.ClientConn) error {
		return edgetestv1.RegisterEverythingServiceHandler(t.Context(), mux, conn)
	})
	return r
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
		if cells := strings.Split(line, " | "); len(cells) == 2 && strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| ---") {
			rows[strings.TrimPrefix(cells[0], "| ")] = true
		}
	}
	return rows
}

// outcome is what a front made of a request.
type outcome struct {
	status  int
	body    any // parsed JSON; of errors, the code, and the message that the backend gave
	header  http.Header
	request proto.Message // what the backend got
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
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	o := outcome{status: res.StatusCode, header: http.Header{}}
	o.request, _ = r.backend.Last()
	for name, values := range res.Header {
		if strings.HasPrefix(name, "Grpc-Metadata-") && name != "Grpc-Metadata-Trailer" {
			o.header[name] = values
		}
	}
	o.body = parseBody(text, res.StatusCode, o.request != nil)
	return o
}

func parseBody(text []byte, status int, reached bool) any {
	var body any
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&body); err != nil {
		return string(text)
	}
	if dec.More() {
		return string(text)
	}
	fields, ok := body.(map[string]any)
	if !ok || status < http.StatusBadRequest {
		return body
	}
	if !reached {
		return fields["code"]
	}
	return []any{fields["code"], fields["message"]}
}

func (a outcome) same(b outcome) bool {
	return a.status == b.status && reflect.DeepEqual(a.body, b.body) && proto.Equal(a.request, b.request) &&
		(a.status >= http.StatusBadRequest || reflect.DeepEqual(a.header, b.header))
}

func (a outcome) String() string {
	return fmt.Sprintf("%d %v\n%v\nbackend: %v", a.status, a.body, a.header, a.request)
}

func (r *referee) compare(t *testing.T, x exchange) {
	t.Helper()
	edge, gateway := r.ask(t, r.edge, x), r.ask(t, r.gateway, x)
	switch same := edge.same(gateway); {
	case x.differs == "" && !same:
		if reflect.DeepEqual(edge.body, gateway.body) {
			edge.body, gateway.body = "…", "…"
		}
		t.Errorf("%s %s\n%s\nedge:         %s\ngrpc-gateway: %s", x.method, x.path, x.body, edge, gateway)
	case x.differs != "" && same:
		t.Errorf("%s %s\n%s\nis said to differ (%s) but both answer %s", x.method, x.path, x.body, x.differs, edge)
	case x.differs != "" && !r.explained[x.differs]:
		t.Errorf("docs/grpc-gateway.md does not explain %q", x.differs)
	}
}

const prefix = "/edgetest/v1"

// corpus is what both are asked.
func corpus() []exchange {
	get := func(path string) exchange { return exchange{method: "GET", path: prefix + path} }
	post := func(path, body string) exchange { return exchange{method: "POST", path: prefix + path, body: body} }
	differs := func(x exchange, why string) exchange { x.differs = why; return x }

	list := []exchange{
		get("/query"), get("/query?text=a&int32Value=-5&int64_value=9&boolValue=true&doubleValue=1.5"),
		get("/query?text=a+b%20c%2B&renamed=x&otherName="), get("/query?otherName=y"), get("/query?int32Value=x"), get("/query?int32Value="),
		get("/query?int32Value=2147483648"), get("/query?uint32Value=-1"), get("/query?kind=KIND_TWO&kinds=KIND_ONE&kinds=2"), get("/query?kind=1"),
		get("/query?kind=77"), get("/query?kind=kind_two"), get("/query?bytesValue=AQID"), get("/query?bytesValue=-_-_"), get("/query?bytesValue=!"),
		get("/query?bytesValue=AQ"),
		get("/query?boolValue=1"), get("/query?boolValue=T"), get("/query?boolValue=yes"), get("/query?floatValue=NaN&doubleValue=-Infinity"),
		get("/query?doubleValue=inf"), get("/query?doubleValue=0x1p4"), get("/query?doubleValue=1_0"), get("/query?doubleValue=1e400"), get("/query?int32Value=1.0"),
		get("/query?int32Value=%2B5"), get("/query?int32Value=0x10"), get("/query?numbers=1&numbers=2&numbers=3"), get("/query?numbers=1,2"),
		get("/query?text=a&text=b"), get("/query?int32Value=1&int32_value=2"), get("/query?nothing=1"), differs(get("/query?child.nothing=1"), "unknown-nested"), get("/query?child=1"),
		get("/query?child.name=a&child.child.size=2&child.tags=x&child.tags=y"), get("/query?text.a=1"), get("/query?children.name=1"),
		get("/query?labels[a]=1&labels[b.c]=2"), get("/query?byUint32[7]=KIND_ONE"), get("/query?byBool[true]=2"), get("/query?byUint32[x]=1"), get("/query?labels=1"),
		get("/query?text[a]=1"), get("/query?numbers[0]=1"), get("/query?labels[a]=1&labels[a]=2"),
		get("/query?choiceText=a"), get("/query?choiceText=a&choiceInt64=1"), get("/query?choiceChild.name=a&choiceChild.size=2"),
		get("/query?optionalText=&optionalInt32=0&optionalKind=0"), get("/query?wrappedText=a&wrappedInt64=0&wrappedBool=true&wrappedDouble=0.5&wrappedBytes=AQ==&wrappedUint32=4&wrappedFloat=1&wrappedInt32=-1&wrappedUint64=9"),
		get("/query?wrappedInt64=x"), get("/query?timestamp=2026-01-02T03:04:05.5Z"), get("/query?timestamp=2026-01-02T03:04:05%2B02:00"), get("/query?timestamp=yesterday"), get("/query?timestamps=2026-01-02T03:04:05Z&timestamps=2026-01-02T03:04:06Z"),
		get("/query?duration=1.5s"), get("/query?duration=1m30s"), get("/query?duration=x"), get("/query?mask=a,b.c"), differs(get("/query?mask=displayName"), "mask-in-query"),
		get("/query?value=1"), get("/query?struct=%7B%22a%22:1%7D"), get("/query?struct=1"), get("/query?text=%4"), differs(get("/query?text=%ff"), "not-utf8"), get("/query?text"), get("/query?&&"), get("/query?=1"),

		post("/body", `{}`), post("/body", ``), post("/body", `null`), post("/body", `[]`), post("/body", `{"text":"a","nothing":1}`), post("/body", `{"text":1}`),
		post("/body", `{"text":"a","text":"b"}`), post("/body", `{"int32Value":1,"int32_value":1}`), post("/body", `{"choiceText":"a","choiceInt64":"1"}`), post("/body", `{"choiceText":"a","choiceInt64":null}`),
		post("/body", `{"choiceNull":null}`), post("/body", `{"kind":"KIND_SIX"}`), post("/body", `{"kind":77,"kinds":["KIND_ONE","KIND_SIX",2]}`), post("/body", `{"byUint32":{"1":"KIND_SIX","2":"KIND_ONE"}}`),
		post("/body", `{"text":"a"`), differs(post("/body", `{"text":"a"} x`), "trailing-data"), differs(post("/body", `{"text":"a"}{}`), "trailing-data"), post("/body", `{"text":"a",}`), post("/body", `{'text':"a"}`), post("/body", `{"int32Value":01}`),
		post("/body", `{"doubleValue":1e}`),
		post("/body", `{"numbers":[1,null]}`), post("/body", `{"numbers":null,"labels":null,"child":null,"text":null}`), post("/body", `{"labels":{"a":"1","a":"2"}}`), post("/body", `{"any":{"@type":"type.googleapis.com/edgetest.v1.Child","name":"a"}}`),
		post("/body", `{"any":{"name":"a"}}`), post("/body", `{"any":{"@type":"type.googleapis.com/no.Such"}}`), post("/body", `{"value":{"a":[1,null,"x",{}]},"values":[null,1]}`), post("/body", `{"int64Value":"9007199254740993","uint64Value":18446744073709551615}`),
		post("/body?text=query", `{}`), {method: "GET", path: prefix + "/body"}, {method: "DELETE", path: prefix + "/body"}, {method: "PUT", path: prefix + "/bodies/p", body: `{"text":"body","int32Value":1}`},
		{method: "PUT", path: prefix + "/bodies/a%2Fb", body: `{}`, differs: "encoded-slash"}, {method: "PUT", path: prefix + "/bodies/a:b", body: `{}`},

		post("/fields/p?int32Value=4", `{"name":"a"}`), post("/fields/p?child.name=query", `{"name":"a"}`), post("/fields/p?text=query", `{"name":"a"}`), differs(post("/fields/p", ``), "empty-field-body"), post("/fields/p", `{"nothing":1}`), post("/fields/p", `5`),
		post("/lists/p", `[1,2]`), post("/lists/p", `[]`), post("/lists/p", `5`), post("/children/p", `[{"name":"a"},{}]`), post("/texts/5", `"a"`), post("/texts/x", `"a"`), post("/texts/5", `5`),
		{method: "PATCH", path: prefix + "/nested/7", body: `{"name":"body","size":3}`, differs: "patch-mask"}, {method: "PATCH", path: prefix + "/nested/7?boolValue=true&mask=size", body: `{"size":3}`}, {method: "PATCH", path: prefix + "/other/7", body: `{}`},

		get("/path/a/1/2/3/true/1.5/KIND_TWO/AQID"), get("/path/a/1/2/3/1/1.5/2/AQID"), get("/path/a/x/2/3/true/1.5/KIND_TWO/AQID"), get("/path/a/1/2/-3/true/1.5/KIND_TWO/AQID"), get("/path/a/1/2/3/true/x/KIND_TWO/AQID"), get("/path/a/1/2/3/true/1.5/KIND_SIX/AQID"),
		get("/path/a/1/2/3/true/1.5/KIND_TWO/%2B_"), get("/path/%E6%97%A5%20b+c/1/2/3/true/1.5/0/AQID"), get("/path/a/1/2/3/true/1.5/KIND_TWO/AQID?int32Value=9"), get("/path/a/1/2/3/true/1.5/KIND_TWO/AQID?uint32Value=9"),
		get("/wrapped/a/5/2026-01-02T03:04:05Z/1.5s"), get("/wrapped/a/x/2026-01-02T03:04:05Z/1.5s"), get("/wrapped/a/5/yesterday/1.5s"), differs(get("/wrapped/a/5/2026-01-02T03:04:05Z/1m30s"), "duration-in-path"), get("/optional/a/0"), get("/choice/a"), get("/choice/a?choiceInt64=1"),
		get("/shelves/1/books/2"), get("/shelves/1/books"), get("/shelves/1/books/2/3"), get("/files/a/b/c"), get("/files/a"), differs(get("/files/a%2Fb/c"), "encoded-slash"), get("/files/a%20b/c"), differs(get("/items/7:inspect"), "precedence"), get("/items/7:other"), get("/items/7"), differs(get("/items/"), "empty-segment"), get("/any/x/y"), differs(get("/items/a%2Fb/.."), "dot-segment"),
		{method: "DELETE", path: prefix + "/items/7"}, {method: "REPORT", path: prefix + "/custom/a"}, {method: "GET", path: prefix + "/custom/a"}, {method: "GET", path: "/nowhere"}, {method: "POST", path: "/nowhere", body: "{}"},
		{method: "OPTIONS", path: prefix + "/items/7", differs: "options"}, {method: "HEAD", path: prefix + "/items/7", differs: "head"},
		{method: "POST", path: prefix + "/items/7", header: http.Header{"X-Http-Method-Override": {"DELETE"}, "Content-Type": {"application/x-www-form-urlencoded"}}, differs: "method-override"},

		post("/nothing", `{}`), post("/nothing", ``), get("/nothing"), get("/download/a"), get("/fail/200?text=odd"),
	}
	for _, field := range []string{"child", "children", "numbers", "text", "labels", "int64"} {
		for _, body := range []string{`{}`, `{"child":{"name":"a"},"children":[{"size":1},{}],"numbers":[1,2],"text":"a","labels":{"a":"b"},"int64Value":"7"}`} {
			x := post("/response/"+field, body)
			if field == "int64" {
				x.differs = "number-response-body"
			}
			list = append(list, x)
		}
	}
	for code := range 18 {
		if code > 0 {
			list = append(list, get(fmt.Sprintf("/fail/%d?text=because", code)))
		}
	}
	for _, h := range []http.Header{
		{"Grpc-Metadata-Tenant": {"a", "b"}}, {"Authorization": {"Bearer x"}, "Accept-Language": {"de"}}, {"Grpc-Timeout": {"5S"}}, {"Grpc-Timeout": {"soon"}}, {"Content-Type": {"text/plain"}}, {"X-Forwarded-For": {"192.0.2.1"}},
	} {
		list = append(list, exchange{method: "GET", path: prefix + "/query?text=a", header: h})
	}
	return list
}

// TestTheGatewayPresetAnswersAsGRPCGatewayDoes holds the edge against the handlers that grpc-gateway generates.
func TestTheGatewayPresetAnswersAsGRPCGatewayDoes(t *testing.T) {
	t.Parallel()
	r := newReferee(t)
	for _, x := range corpus() {
		r.compare(t, x)
		r.shown[x.differs] = true
	}
	for difference := range r.explained {
		untested := map[string]bool{"difference": true, "details-request-id": true}
		if !r.shown[difference] && !untested[difference] {
			t.Errorf("no case shows the difference %q", difference)
		}
	}
}

func TestRandomBodiesMeanTheSameToGRPCGateway(t *testing.T) {
	t.Parallel()
	r := newReferee(t)
	g := rand.New(rand.NewPCG(1, 2))
	for range 150 {
		body, err := protojson.MarshalOptions{UseProtoNames: g.IntN(2) == 0, EmitUnpopulated: g.IntN(2) == 0}.Marshal(randomEverything(g))
		if err != nil {
			t.Fatal(err)
		}
		r.compare(t, exchange{method: "POST", path: prefix + "/body", body: string(body)})
		r.compare(t, exchange{method: "GET", path: prefix + "/query?" + randomQuery(g)})
	}
}

func randomEverything(g *rand.Rand) *edgetestv1.Everything {
	texts := []string{"", "a", "ä\"\\\n", "日本語", "a b+c/d%2F", "\u2028"}
	text := func() string { return texts[g.IntN(len(texts))] }
	m := &edgetestv1.Everything{
		Text: text(), Int32Value: int32(g.Int64()), Int64Value: g.Int64() - g.Int64(), Uint64Value: g.Uint64(), Sint32Value: -g.Int32(),
		Fixed64Value: g.Uint64(), FloatValue: float32(g.NormFloat64()), DoubleValue: g.ExpFloat64(), BoolValue: g.IntN(2) == 0, BytesValue: []byte(text()),
		Kind: edgetestv1.Everything_Kind(g.IntN(5) - 1), Strings: []string{text(), text()}, Numbers: []int32{1, g.Int32()}, Labels: map[string]string{text(): text()},
		Doubles: []float64{g.Float64(), 1e300}, Children: []*edgetestv1.Child{{Name: text()}, {Child: &edgetestv1.Child{Size: 1}}},
	}
	switch g.IntN(4) {
	case 0:
		m.Choice = &edgetestv1.Everything_ChoiceText{ChoiceText: text()}
	case 1:
		m.Choice = &edgetestv1.Everything_ChoiceChild{ChoiceChild: &edgetestv1.Child{Name: text()}}
	case 2:
		m.Choice = &edgetestv1.Everything_ChoiceInt64{ChoiceInt64: g.Int64()}
	}
	if g.IntN(2) == 0 {
		m.Child, m.OptionalText = &edgetestv1.Child{Name: text(), Tags: []string{text()}}, proto.String(text())
	}
	return m
}

// randomQuery makes parameters of fields, some of them with values they can not have.
func randomQuery(g *rand.Rand) string {
	names := []string{"text", "int32Value", "uint64_value", "kind", "child.name", "child.child.size", "numbers", "strings", "labels[k]", "wrappedText", "optional_text", "choiceInt64", "boolValue", "nothing", "doubleValue"}
	values := []string{"", "1", "-1", "a", "true", "1.5", "99999999999", "KIND_ONE", "a b&=", "ü"}
	query := url.Values{}
	for range g.IntN(4) {
		query.Add(names[g.IntN(len(names))], values[g.IntN(len(values))])
	}
	return query.Encode()
}
