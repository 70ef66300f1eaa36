package cli_test

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"
)

func TestAKeyIsPrintedWithTheHashThatIsKept(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := run(t, "key", "p-2001")
	found := regexp.MustCompile(`(?m)^  (gatehouse_[A-Z2-7]{26})$`).FindStringSubmatch(stdout)
	if status != 0 || stderr != "" || found == nil {
		t.Fatalf("%d %s%s", status, stdout, stderr)
	}
	sum := sha256.Sum256([]byte(found[1]))
	if want := "  - hash: " + hex.EncodeToString(sum[:]) + "\n    subject: \"p-2001\"\n"; !strings.HasSuffix(stdout, want) {
		t.Errorf("%s\nwant %s", stdout, want)
	}
	if _, again, _ := run(t, "key", "p-2001"); again == stdout {
		t.Error("the same key twice")
	}
}
