package openapi_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
)

func TestOnlyAnAnswerThatMayLackSomethingIsSaidTo(t *testing.T) {
	t.Parallel()
	doc := mustBuild(t, "testdata/composed", openapi.Options{})
	for path, lossy := range map[string]bool{
		"/v1/plain": false, "/v1/whole": false, "/v1/optional": true, "/v1/fallback": true, "/v1/inner": true, "/v1/around": false,
		"/v1/watch": false, "/v1/follow": false,
	} {
		operation := find(doc, "paths "+path+" get")
		headers, _ := find(operation, "responses 200 headers").(map[string]any)
		description, _ := find(operation, "description").(string)
		if (headers["Gatehouse-Partial"] != nil) != lossy || strings.Contains(description, "those of several services") != lossy {
			t.Errorf("%s: %v, %q", path, headers, description)
		}
	}
}
