package contract_test

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/edgetest/random"
	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// transcoded is how the edge writes messages in a dialect.
func transcoded(d openapi.Dialect, labels []string) transcode.Options {
	o := transcode.Options{ProtoNames: d.ProtoNames, EnumNumbers: d.EnumNumbers, OpaqueAny: !d.Gateway, Visible: schema.Visible(labels)}
	o.Emit = map[openapi.Emit]transcode.Emit{
		openapi.EmitDefaults: transcode.EmitDefaults, openapi.EmitPresent: transcode.EmitPresent, openapi.EmitUnpopulated: transcode.EmitUnpopulated,
	}[d.Emit]
	if d.IgnoreUnknown {
		o.Unknown = transcode.IgnoreUnknown
	}
	return o
}

// everyDialect is dialects with all ways to write what is unset, under both kinds of names.
func everyDialect() map[string]openapi.Dialect {
	all := map[string]openapi.Dialect{}
	for emitName, emit := range map[string]openapi.Emit{
		"defaults": openapi.EmitDefaults, "present": openapi.EmitPresent, "unpopulated": openapi.EmitUnpopulated,
	} {
		all[emitName] = openapi.Dialect{Emit: emit}
		all[emitName+" proto names"] = openapi.Dialect{Emit: emit, ProtoNames: true}
		all[emitName+" enum numbers"] = openapi.Dialect{Emit: emit, EnumNumbers: true}
		all[emitName+" gateway"] = openapi.Dialect{Emit: emit, Gateway: true, IgnoreUnknown: true}
	}
	return all
}

// TestRandomAnswersAreAsTheirSchemaSays writes random messages of every type in every dialect.
func TestRandomAnswersAreAsTheirSchemaSays(t *testing.T) {
	t.Parallel()
	for _, pkg := range []string{"shop", "edgetest"} {
		loaded := folder(t, pkg)
		messages := messagesOf(loaded, pkg)
		set := echoSet(t, loaded, messages)
		for dialectName, dialect := range everyDialect() {
			for audience, labels := range audiences {
				t.Run(strings.Join([]string{pkg, dialectName, audience}, " "), func(t *testing.T) {
					t.Parallel()
					valid := schemasOf(t, describe(t, set, labels, openapi.V31, dialect))
					codec := transcode.NewCodec(set.Files, transcoded(dialect, labels))
					for _, md := range messages {
						output := valid.answer(t, echoPath(md), "post", "200")
						for _, wire := range randomWires(t, set, md, 12) {
							text, err := codec.Message(md).AppendJSON(nil, wire)
							if err != nil {
								t.Fatalf("%s: %v", md.FullName(), err)
							}
							if problem := refuses(t, output, text); problem != "" {
								t.Fatalf("%s: %s\n%s", md.FullName(), problem, text)
							}
						}
					}
				})
			}
		}
	}
}

// TestAnswersOfOperationsAreAsTheirSchemaSays writes random answers of every operation, whole or one field of them.
func TestAnswersOfOperationsAreAsTheirSchemaSays(t *testing.T) {
	t.Parallel()
	for _, pkg := range []string{"shop", "edgetest"} {
		set := folder(t, pkg)
		for dialectName, dialect := range everyDialect() {
			t.Run(pkg+" "+dialectName, func(t *testing.T) {
				t.Parallel()
				doc := describe(t, set, nil, openapi.V31, dialect)
				valid := schemasOf(t, doc)
				codec := transcode.NewCodec(set.Files, transcoded(dialect, nil))
				api, err := schema.Compile(set, schema.Options{Visible: schema.Visible(nil)})
				if err != nil {
					t.Fatal(err)
				}
				for _, service := range api.Services {
					for _, m := range service.Methods {
						for _, binding := range m.Bindings {
							checkAnswers(t, set, codec, binding, doc, valid)
						}
					}
				}
			})
		}
	}
}

func checkAnswers(t *testing.T, set *source.Set, codec *transcode.Codec, binding *schema.Binding, doc *openapi.Document, valid schemas) {
	t.Helper()
	md := binding.Method.Descriptor
	code := max(binding.Method.Answer.Code, http.StatusOK)
	path, found := pathOf(doc, binding)
	if !found {
		t.Errorf("%s has no operation", md.FullName())
	}
	if md.IsStreamingServer() || code == http.StatusNoContent || path == "" {
		return
	}
	item, _ := doc.Paths.Get(path)
	status := strconv.Itoa(code)
	for method, op := range item.Operations() {
		if method != binding.HTTPMethod || method == "REPORT" { // which stands under an extension, where there are no schemas to others
			continue
		}
		response, _ := op.Responses.Get(status)
		if _, isJSON := response.Content.Get("application/json"); !isJSON {
			continue
		}
		output := valid.answer(t, path, strings.ToLower(method), status)
		for _, wire := range append(randomWires(t, set, md.Output(), 12), nil) {
			text, err := codec.Response(md.Output(), binding.Response).AppendJSON(nil, wire)
			if err != nil {
				t.Fatalf("%s: %v", md.FullName(), err)
			}
			if problem := refuses(t, output, text); problem != "" {
				t.Errorf("%s %s: %s\n%s", method, path, problem, text)
				break
			}
		}
	}
}

// pathOf finds the path of a binding by the ids of operations: the service and the method, and a number from 2 on.
func pathOf(doc *openapi.Document, binding *schema.Binding) (string, bool) {
	m := binding.Method
	id := string(m.Service.Descriptor.Name()) + "_" + string(m.Descriptor.Name())
	for i, other := range m.Bindings {
		if other == binding && i > 0 {
			id += strconv.Itoa(i + 1)
		}
	}
	for path, item := range doc.Paths.All() {
		for _, op := range item.Operations() {
			if op.OperationID == id {
				return path, true
			}
		}
	}
	return "", false
}

// randomWires are random messages, most of them with few fields, some with messages within.
func randomWires(t testing.TB, set *source.Set, md protoreflect.MessageDescriptor, n int) [][]byte {
	t.Helper()
	var wires [][]byte
	for i := range n {
		g := &random.Generator{Rand: rand.New(rand.NewPCG(uint64(i), 1)), Types: dynamicpb.NewTypes(set.Files), Closed: true}
		m := dynamicpb.NewMessage(md)
		g.Fill(m, i%4)
		wire, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		wires = append(wires, wire)
	}
	return wires
}
