package main

import (
	"strings"
	"testing"
)

const fence = "```"

// fenced writes a block.
func fenced(info, text string) string { return fence + info + "\n" + text + "\n" + fence + "\n\n" }

func TestAPageIsFollowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, page, problem string }{
		{"kept promise", fenced("sh run", "echo one\necho '{\"a\": 1, \"b\": 2}'") + fenced("json expect", "{\"a\": 1, …}"), ""},
		{"broken promise", fenced("sh run", "echo two") + fenced("text expect", "one …"), "5: promised\none …\nbut the answer is\ntwo"},
		{"failing line", fenced("sh run", "true\nfalse"), "1: false: exit status 1"},
		{"curl that gets no JSON", "curl() { echo no; }\n" + fenced("sh run", "curl --version"), "is not answered with JSON or events"},
		{"refusal that nobody expects", fenced("sh run", "echo '{\"code\":3}'"), "is refused, and no block expects it"},
		{"refusal before the line that is judged", fenced("sh run", "echo '{\"code\":3}'\necho '{}'") + fenced("json expect", "{}"), "is refused, and no block expects it"},
		{"refusal as promised", fenced("sh run", "echo '{\"code\":3}'") + fenced("json expect", "{\"code\":3}"), ""},
		{"server that is up", fenced("sh serve", "echo up; sleep 60") + fenced("sh run", "true"), ""},
		{"server that ends", fenced("sh serve", "echo why >&2; exit 3") + fenced("sh run", "true"), "it ended by itself:\nwhy"},
		{"name that later lines know", fenced("sh run", "who=\"$(echo me)\"\ntrue") + fenced("sh run", "echo $who") + fenced("text expect", "me"), ""},
		{"name for what fails", fenced("sh run", "who=\"$(false)\""), "exit status 1"},
		{"block that is shown only", fenced("sh", "false") + fenced("sh run", "true"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			blocks, err := parse(c.page)
			if err != nil {
				t.Fatal(err)
			}
			err = follow(t.Context(), t.TempDir(), blocks)
			if c.problem == "" && err != nil || c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)) {
				t.Errorf("got %v, want %s", err, c.problem)
			}
		})
	}
}

func TestWhatCanNotBeFollowedIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, page, problem string }{
		{"nothing to run", fenced("sh", "true"), "no block is marked sh run"},
		{"unknown action", fenced("sh runs", "true"), `line 1: "runs" is none of`},
		{"action of another language", fenced("go run", "main"), "line 1: only sh"},
		{"expectation before any output", fenced("json expect", "{}") + fenced("sh run", "true"), "line 1: nothing was run"},
		{"open end", fenced("sh run", "true") + fence + "sh\n", "line 5: the block does not end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := parse(c.page); err == nil || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("got %v, want %s", err, c.problem)
			}
		})
	}
}
