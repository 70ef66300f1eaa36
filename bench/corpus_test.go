package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/conformance/cases"
	"github.com/gatehouse-edge/gatehouse/internal/corpus"
)

func TestEveryContenderPlaysTheCorpus(t *testing.T) {
	t.Parallel()
	all, err := corpus.Load(cases.Files)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(c *corpus.Case) bool { return c.Group() != "masks" && c.Group() != "switches" })
	results := make([][]corpus.Result, len(contenders))
	for i, c := range contenders {
		if results[i], err = c.play(all); err != nil {
			t.Fatal(c.name, err)
		}
	}
	table := conformity(results)
	if got := strings.Join(table.heads, " "); got != "group gatehouse grpc-gateway vanguard" {
		t.Error(got)
	}
	for i, group := range []string{"masks", "switches", "all"} {
		passed, of, _ := strings.Cut(table.rows[i][1], "/")
		if table.rows[i][0] != group || passed != of || len(table.rows[i]) != len(table.heads) {
			t.Errorf("%s: %q", group, table.rows[i])
		}
	}
}
