package cli

import (
	"fmt"

	"github.com/gatehouse-edge/gatehouse/internal/policy/auth"
)

// keyCommand makes an API key.
type keyCommand struct {
	Subject string `arg:"" help:"Whose key it is."`
}

// Run prints the key, which is not kept anywhere, and the entry of the file of keys (authentication.api_keys.file).
func (c *keyCommand) Run(t terminal) error {
	key, hash := auth.NewKey()
	_, err := fmt.Fprintf(t.out, "key for %s, which nobody can print again:\n  %s\nentry under keys: in the file of keys:\n  - hash: %s\n    subject: %q\n",
		c.Subject, key, hash, c.Subject)
	return err
}
