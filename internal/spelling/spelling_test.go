package spelling_test

import (
	"slices"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/spelling"
)

func TestTheNameThatWasMeantIsFound(t *testing.T) {
	t.Parallel()
	known := []string{"listeners", "limits", "page_size", "pageSize", "id"}
	for name, want := range map[string]string{
		"listners": "listeners", "listeneers": "listeners", "limist": "limits", "pagesize": "pageSize", "PAGE_SIZE": "page_size", "pagSize": "pageSize",
		"listeners": "listeners", "iD": "id", "it": "id", "lis": "listeners", "Page": "page_size", "li": "", "x": "", "": "", "password": "", "listenersandmore": "",
	} {
		got, ok := spelling.Nearest(name, slices.Values(known))
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
