package corpus

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Format is how results are printed.
type Format uint8

// The formats.
const (
	Plain Format = iota
	Markdown
	JSON
)

// Tally counts the cases of one group, or of all.
type Tally struct {
	Group                string
	Passed, Ran, Skipped int
}

// String is passed/ran, or a dash if none ran.
func (t Tally) String() string {
	if t.Ran == 0 {
		return "–"
	}
	return fmt.Sprintf("%d/%d", t.Passed, t.Ran)
}

// Count returns the tally of each group, in the order of the results, and that of all.
func Count(results []Result) (groups []Tally, all Tally) {
	for i := range results {
		r := &results[i]
		if last := len(groups) - 1; last < 0 || groups[last].Group != r.Case.Group() {
			groups = append(groups, Tally{Group: r.Case.Group()})
		}
		g := &groups[len(groups)-1]
		g.count(r)
		all.count(r)
	}
	return groups, all
}

func (t *Tally) count(r *Result) {
	switch {
	case r.Skipped:
		t.Skipped++
	case r.Passed():
		t.Ran++
		t.Passed++
	default:
		t.Ran++
	}
}

// Write prints a table of the groups and, behind it, each case that failed with its promise and what was different.
func Write(w io.Writer, results []Result, f Format) error {
	switch f {
	case JSON:
		return writeJSON(w, results)
	case Markdown:
		return writeMarkdown(w, results)
	default:
		return writePlain(w, results)
	}
}

func writePlain(w io.Writer, results []Result) error {
	groups, all := Count(results)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "group\tpassed")
	for _, g := range groups {
		fmt.Fprintf(table, "%s\t%s\n", g.Group, g)
	}
	fmt.Fprintf(table, "all\t%s\n", all)
	if err := table.Flush(); err != nil {
		return err
	}
	writeSkipped(w, all)
	for _, r := range failed(results) {
		fmt.Fprintf(w, "\n%s\n  %s\n", r.Case.Name, r.Case.Promise)
		for _, d := range r.Differences {
			fmt.Fprintf(w, "  - %s\n", d)
		}
	}
	return nil
}

func writeMarkdown(w io.Writer, results []Result) error {
	groups, all := Count(results)
	fmt.Fprint(w, "| group | passed |\n| --- | ---: |\n")
	for _, g := range groups {
		fmt.Fprintf(w, "| %s | %s |\n", g.Group, g)
	}
	fmt.Fprintf(w, "| all | %s |\n", all)
	writeSkipped(w, all)
	for _, r := range failed(results) {
		fmt.Fprintf(w, "\n### %s\n\n%s\n\n", r.Case.Name, r.Case.Promise)
		for _, d := range r.Differences {
			fmt.Fprintf(w, "- `` %s ``\n", strings.ReplaceAll(d, "\n", " "))
		}
	}
	return nil
}

func writeSkipped(w io.Writer, all Tally) {
	if all.Skipped > 0 {
		fmt.Fprintf(w, "\n%d cases need settings that this gateway was not told.\n", all.Skipped)
	}
}

func failed(results []Result) []Result {
	var all []Result
	for _, r := range results {
		if len(r.Differences) > 0 {
			all = append(all, r)
		}
	}
	return all
}

func writeJSON(w io.Writer, results []Result) error {
	type row struct {
		Case        string   `json:"case"`
		Promise     string   `json:"promise"`
		Passed      bool     `json:"passed"`
		Skipped     bool     `json:"skipped,omitempty"`
		Differences []string `json:"differences,omitempty"`
	}
	rows := make([]row, len(results))
	for i, r := range results {
		rows[i] = row{r.Case.Name, r.Case.Promise, r.Passed(), r.Skipped, r.Differences}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(rows)
}
