package server_test

import (
	"strings"
	"testing"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// hidden runs the resource service behind an edge that reads testdata/hidden: fields that the service fills are seen
// under the label INTERNAL only.
func hidden(t *testing.T, labels ...string) (*edgetest.Resources, string) {
	t.Helper()
	r := edgetest.StartResources(t)
	cfg := edgetest.InFrontOf(r.Target)
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "testdata/hidden"}}}
	cfg.VisibilityLabels = labels
	_, url := edgetest.Edge(t, cfg)
	return r, url + prefix
}

func TestATagTellsNothingOfWhatIsHidden(t *testing.T) {
	t.Parallel()
	_, outside := hidden(t)
	_, inside := hidden(t, "INTERNAL")
	for name, paths := range map[string][2]string{ // the answers differ in the resources of the list
		"small": {"/resources?page_size=1", "/resources?page_size=2"},
		"large": {"/resources?page_size=12000", "/resources?page_size=12001"}, // over 512 KiB on the wire
	} {
		tags := func(url string) (one, other string) {
			return send(t, "GET", url+paths[0], "").header.Get("Etag"), send(t, "GET", url+paths[1], "").header.Get("Etag")
		}
		if one, other := tags(outside); one == "" || one != other {
			t.Errorf("%s: who sees no difference gets the tags %s and %s", name, one, other)
		}
		if one, other := tags(inside); one == other {
			t.Errorf("%s: who sees the difference gets the tag %s twice", name, one)
		}
	}
	if got := send(t, "GET", outside+"/resources/1", ""); !strings.HasPrefix(got.header.Get("Etag"), `W/"`) {
		t.Errorf("the tag of a hidden field is sent: %v", got.header)
	}
	if got := send(t, "GET", inside+"/resources/1", ""); got.header.Get("Etag") != `"tag-1"` {
		t.Errorf("%v", got.header)
	}
}

func TestIfMatchFillsNoFieldThatThePathBindsOrThatIsHidden(t *testing.T) {
	t.Parallel()
	outside, outsideURL := hidden(t)
	inside, insideURL := hidden(t, "INTERNAL")
	send(t, "DELETE", outsideURL+"/resources/1/tags/path", "", "If-Match", `"header"`)
	if m, _ := outside.Last(); m.(*edgetestv1.DeleteResourceRequest).GetEtag() != "path" {
		t.Errorf("a variable of the path: %v", m)
	}
	for _, c := range []struct {
		service   *edgetest.Resources
		url, want string
	}{{outside, outsideURL, ""}, {inside, insideURL, "header"}} {
		send(t, "PATCH", c.url+"/resources/1", `{"title":"x"}`, "If-Match", `"header"`)
		if m, _ := c.service.Last(); m.(*edgetestv1.UpdateResourceRequest).GetResource().GetEtag() != c.want {
			t.Errorf("want the tag %q: %v", c.want, m)
		}
	}
}

func TestAHiddenFieldIsNoBody(t *testing.T) {
	t.Parallel()
	outside, outsideURL := hidden(t)
	inside, insideURL := hidden(t, "INTERNAL")
	if got := send(t, "PUT", outsideURL+"/files", "bytes", "Content-Type", "text/plain"); got.status != 404 {
		m, _ := outside.Last()
		t.Errorf("%d %s\n%v", got.status, got.body, m)
	}
	got := send(t, "PUT", insideURL+"/files", "bytes", "Content-Type", "text/plain")
	if m, _ := inside.Last(); got.status != 200 || string(m.(*edgetestv1.SaveFileRequest).GetFile().GetData()) != "bytes" {
		t.Errorf("%d %s\n%v", got.status, got.body, m)
	}
}

func TestFieldsOfAWebSocketPassAsAReadMask(t *testing.T) {
	t.Parallel()
	r, url := hidden(t)
	frames, _, _ := closing(t, dial(t, url+"/resources:watch?count=1&fields=title", nil))
	if len(frames) != 1 || frames[0] != `{"title":"title 0"}` {
		t.Errorf("%v", frames)
	}
	if m, _ := r.Last(); !strings.HasSuffix(string(m.ProtoReflect().GetUnknown()), "title") {
		t.Errorf("%v", m)
	}
}
