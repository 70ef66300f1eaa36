package openapi_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
)

// contentOf is where the schema of a body stands.
func contentOf(method, path string) string {
	return "paths " + path + " " + method + " requestBody content application/json schema"
}

func TestRulesOfMessagesAndOneofs(t *testing.T) {
	t.Parallel()
	doc := mustBuild(t, "testdata/ruled", openapi.Options{})
	const payment, picked = "components schemas Payment ", "components schemas Picked "
	expect(t, doc, map[string]string{
		contentOf("post", "/payments"):              `{"$ref": "#/components/schemas/Payment"}`,
		"paths /payments post requestBody required": `true`,
		payment + "description": `"A payment.\n\nExactly one of ` + "`card`, `cash`" + `: How it is paid.\n\nExactly one of ` + "`sender`" +
			`.\n\nThe amount has to be small.\n\nMust satisfy the CEL expression ` + "`this.amount != 13`" + `."`,
		payment + "required": `["cash", "note"]`,
		payment + "allOf":    `[{"not": {"properties": {"card": false, "cash": false}}}, {"not": {"properties": {"sender": false}}}]`,
		// A card is a member of a oneof, and so it is looked at only if it is there.
		payment + "properties card": `{"description": "A card.", "type": "string", "minLength": 4}`,
		payment + "properties note": `{"type": "string", "enum": ["a", "b"]}`,
		// A PATCH asks for nothing, and clears with null.
		contentOf("patch", "/payments"):                   `{"$ref": "#/components/schemas/PaymentPatch"}`,
		"components schemas PaymentPatch required":        `null`,
		"components schemas PaymentPatch allOf":           `null`,
		"components schemas PaymentPatch properties note": `{"type": ["string", "null"], "enum": ["a", "b", null]}`,
		// The path gives the card.
		contentOf("post", "/cards/{card}/payments") + " allOf": `[{"not": {"properties": {"sender": false}}}]`,

		picked + "description": `"Something picked.\n\nExactly one of ` + "`a`, `b`" + `.\n\nAt most one of ` + "`c`, `d`" + `."`,
		picked + "allOf":       `[{"not": {"properties": {"a": false, "b": false}}}]`,
		picked + "required":    `null`,
		// Of two fields without presence, one may be there and be empty.
		picked + "dependentSchemas": `{"c": {"properties": {"d": false}}, "d": {"properties": {"c": false}}}`,
		picked + "properties a": `{"type": "string", "description": "Empty, or at least 2 characters.",
			"not": {"type": "string", "minLength": 1, "maxLength": 1}}`,
		contentOf("post", "/picks/{a}") + " allOf":   `null`,
		"paths /picks/{a} post requestBody required": `null`,
		"paths /picks post requestBody required":     `true`,

		"components schemas Trusted required":      `null`,
		"paths /trusted post requestBody required": `null`,
	})
}

func TestRulesOfParameters(t *testing.T) {
	t.Parallel()
	doc := mustBuild(t, "testdata/ruled", openapi.Options{})
	const find = "paths /kinds/{kind} get parameters "
	expect(t, doc, map[string]string{
		find + "0": `{"name": "kind", "in": "path", "required": true, "schema": {"type": "string", "minLength": 2}}`,
		find + "1": `{"name": "least", "in": "query", "required": true, "description": "More than 0, at most 9.",
			"schema": {"type": "string", "format": "uint64", "pattern": "^0*[1-9][0-9]*$"}}`,
		find + "2": `{"name": "colors", "in": "query", "required": true,
			"schema": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Color", "not": {"enum": ["COLOR_UNSPECIFIED"]}}}}`,
		find + "3":                 `{"name": "range.from", "in": "query", "required": true, "schema": {"type": "integer", "format": "int32", "minimum": 1}}`,
		find + "4":                 `{"name": "range.to", "in": "query", "required": true, "schema": {"type": "integer", "format": "int32", "maximum": 9}}`,
		contentOf("put", "/names"): `{"description": "At most 8 bytes in UTF-8.", "type": "string", "maxLength": 8}`,
		"paths /names put parameters 0 schema items": `{"$ref": "#/components/schemas/Color", "const": "COLOR_RED"}`,
	})
}

func TestRulesOfEnumsThatAreNumbers(t *testing.T) {
	t.Parallel()
	dialect := &openapi.Dialect{EnumNumbers: true}
	doc := mustBuild(t, "testdata/ruled", openapi.Options{Dialect: func(protoreflect.FullName) *openapi.Dialect { return dialect }})
	expect(t, doc, map[string]string{
		"paths /kinds/{kind} get parameters 2 schema items": `{"$ref": "#/components/schemas/Color", "not": {"enum": [0]}}`,
		"paths /names put parameters 0 schema items":        `{"$ref": "#/components/schemas/Color", "const": 1}`,
	})
}

// TestRulesTellNoSecrets looks for what only some audience sees in expressions that name it.
func TestRulesTellNoSecrets(t *testing.T) {
	t.Parallel()
	doc := mustBuild(t, "testdata/ruled", openapi.Options{}, "SECRET")
	expect(t, doc, map[string]string{
		"components schemas Payment description": `"A payment.\n\nExactly one of ` + "`card`, `cash`" + `: How it is paid.\n\nExactly one of ` + "`sender`" +
			`.\n\nThe amount has to be small.\n\nMust satisfy the CEL expression ` + "`this.secret == ''`" +
			`.\n\nMust satisfy the CEL expression ` + "`this.amount != 13`" + `."`,
	})
}

func TestWrongRulesOfMessagesAreProblems(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`option (buf.validate.message).oneof = {}; string F;`:                     `rules.v1.Thing: (buf.validate.message).oneof: it names no fields; name some, or remove it`,
		`option (buf.validate.message).oneof = {fields: ["g"]}; string F;`:        `rules.v1.Thing: (buf.validate.message).oneof: there is no field "g"; name those of the message`,
		`option (buf.validate.message).oneof = {fields: ["f1", "f1"]}; string F;`: `rules.v1.Thing: (buf.validate.message).oneof: f1 is named twice; name it once`,
	} {
		_, err := ruled(t, openapi.Options{}, body)
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s\nis  %v\nnot %s", body, err, want)
		}
	}
}
