package corpus

import "strings"

// Case is one HTTP request and all that must come of it. It is not changed once it is parsed.
type Case struct {
	// Name is the path of its file without .txt: routing/a-colon-is-part-of-an-id.
	Name string
	// Promise is what the case shows, and why it matters.
	Promise string
	// Settings are what Gatehouse has to be told first, as YAML of its configuration; "" for its defaults.
	Settings string

	request  request
	upstream *upstream // nil: it must not be called
	response response
}

// Group is the first part of the name.
func (c *Case) Group() string {
	group, _, _ := strings.Cut(c.Name, "/")
	return group
}
