package contract_test

import (
	"bytes"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// TestTheOldDocumentTakesTheSameMessages holds answers, and changes that clear fields, against the schemas of OpenAPI 3.0 as
// a reader of 3.0 understands them. Only numbers that JSON has none for are beyond these.
func TestTheOldDocumentTakesTheSameMessages(t *testing.T) {
	t.Parallel()
	for _, pkg := range []string{"shop", "edgetest"} {
		loaded := folder(t, pkg)
		messages := messagesOf(loaded, pkg)
		set := echoSet(t, loaded, messages)
		for name, dialect := range everyDialect() {
			t.Run(pkg+" "+name, func(t *testing.T) {
				t.Parallel()
				var content any
				decode(t, asJSON(t, describe(t, set, nil, openapi.V30, dialect)), &content)
				doc, err := openapi3.NewLoader().LoadFromData(encode(t, takingNull(content)))
				if err != nil {
					t.Fatal(err)
				}
				codec := transcode.NewCodec(set.Files, transcoded(dialect, nil))
				for _, md := range messages {
					item := doc.Paths.Value(echoPath(md))
					output := item.Post.Responses.Value("200").Value.Content["application/json"].Schema.Value
					patch := item.Patch.RequestBody.Value.Content["application/json"].Schema.Value
					for _, wire := range randomWires(t, set, md, 12) {
						text, err := codec.Message(md).AppendJSON(nil, wire)
						if err != nil {
							t.Fatal(err)
						}
						if bytes.Contains(text, []byte(`NaN"`)) || bytes.Contains(text, []byte(`Infinity"`)) {
							continue
						}
						var members map[string]any
						decode(t, text, &members)
						visit(t, output, members)
						for member := range members {
							members[member] = nil
						}
						visit(t, patch, members)
					}
				}
			})
		}
	}
}

// takingNull lets the schemas that take anything take null too: 3.0.3 says that they do, its reader does not know.
func takingNull(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			schema, _ := value.(map[string]any)
			if _, hasText := schema["description"]; schema != nil && (len(schema) == 0 || len(schema) == 1 && hasText) && key != "not" {
				schema["nullable"] = true
			}
			takingNull(value)
		}
	case []any:
		for _, value := range v {
			takingNull(value)
		}
	}
	return v
}

func visit(t *testing.T, s *openapi3.Schema, value any) {
	t.Helper()
	if err := s.VisitJSON(value); err != nil {
		t.Fatal(err)
	}
}
