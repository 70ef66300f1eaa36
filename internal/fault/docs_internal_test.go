package fault

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestThePageListsEveryReasonBesideItsStatus(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/http.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[Reason]string{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, " | ")
		if len(cells) != 3 {
			continue
		}
		for name := range strings.SplitSeq(cells[1], ", ") {
			listed[Reason(strings.Trim(name, "`"))] = strings.TrimPrefix(cells[0], "| ")
		}
	}
	for reason, kind := range kinds {
		if got := listed[reason]; got != fmt.Sprint(kind.http) {
			t.Errorf("%s is %d; docs/http.md has %q", reason, kind.http, got)
		}
	}
}
