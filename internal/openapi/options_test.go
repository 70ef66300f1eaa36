package openapi_test

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// build makes the document of a folder for an audience with the labels.
func build(t *testing.T, dir string, opts openapi.Options, labels ...string) (*openapi.Document, error) {
	t.Helper()
	set, err := source.Dir(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	opts.Visible = schema.Visible(labels)
	api, err := schema.Compile(set, schema.Options{Visible: opts.Visible})
	if err != nil {
		t.Fatal(err)
	}
	return openapi.Build(api, opts)
}

// mustBuild is build of what nothing is wrong with. It returns the document as JSON.
func mustBuild(t *testing.T, dir string, opts openapi.Options, labels ...string) any {
	t.Helper()
	doc, err := build(t, dir, opts, labels...)
	if err != nil {
		t.Fatal(err)
	}
	text, err := doc.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(text))
}

func parse(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return value
}

// find follows a JSON pointer whose parts are separated by spaces, for paths hold slashes. It returns nil for nothing.
func find(value any, pointer string) any {
	for part := range strings.FieldsSeq(pointer) {
		switch container := value.(type) {
		case map[string]any:
			value = container[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(container) {
				return nil
			}
			value = container[i]
		default:
			return nil
		}
	}
	return value
}

// expect compares parts of a document. Those that may not be there are null.
func expect(t *testing.T, doc any, want map[string]string) {
	t.Helper()
	for pointer, text := range want {
		if got := find(doc, pointer); !reflect.DeepEqual(got, parse(t, text)) {
			was, err := json.Marshal(got)
			t.Errorf("%s\nis  %s\nnot %s %v", pointer, was, text, err)
		}
	}
}

func TestWhatOptionsSayOfTheDocumentIsKept(t *testing.T) {
	t.Parallel()
	expect(t, mustBuild(t, "testdata/library", openapi.Options{}), map[string]string{
		"info": `{"title": "Library", "description": "Books to read. &lt;script>alert(1)&lt;/script>", "termsOfService": "https://library.example.com/terms",
			"contact": {"name": "The librarians", "url": "https://library.example.com/", "email": "ask@library.example.com"},
			"license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}, "version": "2.1", "x-audience": "everybody"}`,
		"servers":                           `[{"url": "https://library.example.com"}, {"url": "http://library.example.com"}]`,
		"externalDocs":                      `{"description": "The handbook", "url": "https://library.example.com/handbook"}`,
		"x-logo":                            `"owl"`,
		"security":                          `[{"Login": ["read"]}, {"Basic": [], "Key": []}]`,
		"components securitySchemes Basic":  `{"type": "http", "scheme": "basic"}`,
		"components securitySchemes Key":    `{"type": "apiKey", "description": "Ask for one.", "name": "key", "in": "query"}`,
		"components securitySchemes Bearer": `{"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}`,
		"components securitySchemes Login": `{"type": "oauth2", "flows": {"authorizationCode": {"authorizationUrl": "https://id.example.com/authorize",
			"tokenUrl": "https://id.example.com/token", "scopes": {"admin": "Own books.", "lend": "Lend books.", "read": "Read books."}}},
			"x-order": {"a": [true, null], "z": 1}}`,
		"tags": `[{"name": "Reading", "description": "What readers do.", "externalDocs": {"url": "https://library.example.com/reading"}, "x-quiet": true},
			{"name": "Guides", "description": "Things to read first.", "externalDocs": {"url": "https://library.example.com/guides"}},
			{"name": "StaffService", "description": "What the staff does."}, {"name": "Looking up"}, {"name": "Staff"}]`,
		"components responses NotFound description":                                          `"There is no such book."`,
		"components responses Status418 description":                                         `"It is tea time."`,
		"components responses Status418 headers X-Tea":                                       `{"schema": {"type": "string", "default": "green"}}`,
		"components responses Status418 content application/json schema $ref":                `"#/components/schemas/Error"`,
		"paths /v1/shelves/{shelf}/books/{book} delete responses 418 $ref":                   `"#/components/responses/Status418"`,
		"paths /v1/take/{name} put responses 418 $ref":                                       `"#/components/responses/Status418"`,
		"paths /v1/take/{name} delete responses 418 $ref":                                    `"#/components/responses/Status418"`,
		"paths /v1/shelves/{shelf}/books/{book} delete responses 404 $ref":                   `"#/components/responses/NotFound"`,
		"paths /v1/shelves/{shelf}/books/{book} get responses 418 $ref":                      `"#/components/responses/Status418"`,
		"paths /v1/shelves/{shelf}/books/{book} get responses 404 description":               `"Nobody ever wrote it."`,
		"paths /v1/shelves/{shelf}/books/{book} get responses 404 headers X-Request-Id $ref": `"#/components/headers/X-Request-Id"`,
	})
}

func TestWhoAsksForTheDocumentHasTheLastWord(t *testing.T) {
	t.Parallel()
	opts := openapi.Options{Title: "Mine", APIVersion: "9", Description: "My own.", Servers: []string{"https://me.example/a"}}
	for _, dir := range []string{"testdata/library", "testdata/rivals"} {
		expect(t, mustBuild(t, dir, opts), map[string]string{
			"info title": `"Mine"`, "info version": `"9"`, "info description": `"My own."`, "servers": `[{"url": "https://me.example/a"}]`,
		})
	}
}

func TestWhatOptionsSayOfOperationsIsKept(t *testing.T) {
	t.Parallel()
	doc := mustBuild(t, "testdata/library", openapi.Options{})
	expect(t, find(doc, "paths /v1/shelves/{shelf}/books/{book} get"), map[string]string{
		"tags":                            `["Reading", "Looking up"]`,
		"summary":                         `"Look a book up"`,
		"description":                     `"By its *name*.\n\nThe path's ` + "`shelves/{shelf}/books/{book}` is the field `name`" + `."`,
		"operationId":                     `"book.get"`,
		"deprecated":                      `true`,
		"externalDocs":                    `{"url": "https://library.example.com/books"}`,
		"security":                        `[]`,
		"x-rate":                          `2.5`,
		"responses 200 description":       `"The book."`,
		"responses 200 x-cached":          `true`,
		"responses 200 headers X-Shelf":   `{"description": "How high.", "schema": {"type": "integer", "format": "int32"}}`,
		"responses 200 headers ETag $ref": `"#/components/headers/ETag"`,
		"responses 200 content application/json schema":  `{"$ref": "#/components/schemas/Book"}`,
		"responses 404 content application/json example": `{"code": 5, "message": "no such book", "details": []}`,
		"responses 410 description":                      `"It has been eaten by mice."`,
		"responses 410 content application/json schema":  `{"$ref": "#/components/schemas/Error"}`,
		"responses default $ref":                         `"#/components/responses/Failure"`,
	})
	parameters, _ := find(doc, "paths /v1/shelves/{shelf}/books/{book} get parameters").([]any)
	named := map[string]any{}
	for _, p := range parameters {
		if name, ok := find(p, "name").(string); ok {
			named[name] = p
		}
	}
	expect(t, named, map[string]string{
		"X-Reader":                  `{"name": "X-Reader", "in": "header", "description": "Who reads.", "required": true, "schema": {"type": "integer", "format": "int64"}}`,
		"If-None-Match description": `"The edition that is at hand."`,
		"Accept":                    `null`,
	})
	expect(t, doc, map[string]string{
		"paths /v1/shelves/{target}/books post operationId":              `"book.create"`,
		"paths /v1/shelves/{target}/books post security":                 `[{"Login": ["lend", "read"]}]`,
		"paths /v1/shelves/{target}/books post parameters 0 description": "\"A part of `parent`.\"",
		"paths /v1/shelves/{shelfNumber}/books:add post operationId":     `"book.create2"`,
		"paths /v1/shelves/{shelfNumber}/books:add post parameters 0":    `{"name": "shelfNumber", "in": "path", "description": "The same, by its number.\n\nIt is the field ` + "`shelfId`" + `.", "required": true, "deprecated": true, "schema": {"type": "integer", "format": "int32"}}`,
		"paths /v1/shelves/{shelfId}/cover get responses 200 content":    `{"*/*": {"schema": {"description": "A picture.", "type": "string", "format": "binary"}}, "text/plain": {"schema": {"description": "A picture.", "type": "string", "format": "binary"}, "example": ":-)"}}`,
		"paths /v1/shelves/{shelf}/books/{book} delete tags":             `["Staff"]`,
	})
}

func TestWhatOptionsSayOfMessagesIsKept(t *testing.T) {
	t.Parallel()
	schemas := find(mustBuild(t, "testdata/library", openapi.Options{}), "components schemas")
	expect(t, schemas, map[string]string{
		"Book title":            `"A book"`,
		"Book description":      "\"A book, as the option says.\\n\\nIts name is `shelves/{shelf}/books/{book}`.\"",
		"Book externalDocs":     `{"url": "https://library.example.com/book"}`,
		"Book x-kind":           `"thing"`,
		"Book minProperties":    `1`,
		"Book discriminator":    `{"propertyName": "genre"}`,
		"Book required":         `["name", "title", "pageCount", "genre", "tags", "price", "copies", "isbn", "pageLimit"]`,
		"BookInput required":    `["title", "pageCount", "isbn", "pageLimit"]`,
		"BookPatch required":    `null`,
		"Book examples":         `[{"name": "", "title": "Persuasion", "pageCount": "249", "genre": "GENRE_UNSPECIFIED", "tags": ["love"], "price": 9.5, "copies": 0, "isbn": "", "pageLimit": 300}]`,
		"Book properties title": `{"title": "Its title", "description": "The option of the title.", "type": "string", "examples": ["Emma"], "x-index": true}`,
		"Book properties price": `{"type": "number", "format": "double"}`,
		"BookInput properties title": `{"title": "Its title", "description": "The option of the title.", "type": "string", "examples": ["Emma"],
			"minLength": 2, "maxLength": 80, "pattern": "^[A-Z]", "x-index": true}`,
		"BookInput properties price": `{"type": "number", "format": "double", "multipleOf": 0.5, "exclusiveMinimum": 0, "maximum": 100}`,
		"Book properties copies":     `{"readOnly": true, "type": "integer", "format": "uint32", "minimum": 0, "maximum": 10}`,
		"Book properties bought":     `{"type": "string", "format": "date-time", "examples": ["2020-02-02T10:00:00Z"]}`,
		"Book properties isbn":       `{"type": "string", "format": "isbn"}`,
		"Book properties tags":       `{"type": "array", "examples": [["sea", "love"]], "items": {"type": "string", "maxLength": 20}, "maxItems": 5, "uniqueItems": true}`,
		"Book properties genre":      `{"$ref": "#/components/schemas/Genre", "default": "GENRE_NOVEL"}`,
		"BookInput properties genre": `{"$ref": "#/components/schemas/Genre", "enum": ["GENRE_NOVEL", "GENRE_POEM"], "default": "GENRE_NOVEL"}`,
		"Book properties pageCount": `{"description": "How long it is.\n\nAt least 1, at most 5000.", "type": "string", "format": "int64", "default": "100",
			"pattern": "^-?[0-9]+$", "allOf": [{"pattern": "^[0-9]{1,4}$"}]}`,
		"BookPatch properties genre": `{"enum": ["GENRE_NOVEL", "GENRE_POEM", null], "default": "GENRE_NOVEL", "anyOf": [{"$ref": "#/components/schemas/Genre"}, {"type": "null"}]}`,
		"Genre": `{"title": "Genre", "description": "What kind of book it is.", "type": "string", "enum": ["GENRE_UNSPECIFIED", "GENRE_NOVEL", "GENRE_POEM"],
			"default": "GENRE_NOVEL", "examples": ["GENRE_POEM"], "externalDocs": {"url": "https://library.example.com/genres"}, "x-enum-varnames": ["NONE", "NOVEL", "POEM"]}`,
	})
}
