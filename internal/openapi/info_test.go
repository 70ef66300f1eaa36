package openapi_test

import (
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
)

func TestWhereNobodySaysAnythingThereAreDefaults(t *testing.T) {
	t.Parallel()
	expect(t, mustBuild(t, "testdata/versions/versions/v2beta1", openapi.Options{}), map[string]string{
		"info": `{"title": "API", "version": "v2beta1"}`, "servers": `[{"url": "/"}]`, "security": `null`,
	})
	expect(t, mustBuild(t, "testdata/versions", openapi.Options{}), map[string]string{
		"info version": `"unversioned"`,
		"tags":         `[{"name": "versions.v1.VersionService"}, {"name": "versions.v2beta1.VersionService"}]`,
	})
}

func TestAHostWithoutASchemeHasThatOfTheDocument(t *testing.T) {
	t.Parallel()
	expect(t, mustBuild(t, "testdata/namesakes", openapi.Options{}), map[string]string{"servers": `[{"url": "//things.example:8080"}]`})
}

func TestTagsHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	expect(t, mustBuild(t, "testdata/namesakes", openapi.Options{}), map[string]string{
		"info version": `"v1"`,
		"tags": `[
			{"name": "Others", "description": "Other things far away.\n\nOther things at hand."},
			{"name": "EvenService", "description": "Odd things."},
			{"name": "far.v1.EvenService", "description": "Even things."},
			{"name": "far.v1.ThingService", "description": "Things far away."},
			{"name": "near.v1.ThingService", "description": "Things at hand."}]`,
		"paths /far/v1/things get tags":  `["far.v1.ThingService"]`,
		"paths /far/v1/even get tags":    `["far.v1.EvenService"]`,
		"paths /near/v1/odd get tags":    `["EvenService"]`,
		"paths /near/v1/others get tags": `["Others"]`,
	})
}

func TestNamesOfResourcesAreExplained(t *testing.T) {
	t.Parallel()
	expect(t, mustBuild(t, "testdata/samples", openapi.Options{}), map[string]string{
		"components schemas Thing description":                   "\"A thing.\\n\\nAt most one of `byRoad`, `bySea`.\\n\\nIts name is `things/{thing}`.\"",
		"components schemas Thing properties parent description": "\"The name of a `samples.example.com/Thing`: `things/{thing}`.\"",
	})
	expect(t, mustBuild(t, "testdata/library", openapi.Options{}), map[string]string{
		"paths /v1/shelves/{shelfNumber}/books:add post parameters 1 description": "\"Where it goes.\\n\\nThe name of a `library.example.com/Shelf`: `shelves/{shelf}`.\"",
	})
}
