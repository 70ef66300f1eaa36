package openapi

import (
	"strings"
	"testing"
)

func TestCommentsAreForReaders(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ given, want string }{
		"the space before every line goes": {" One.\n\n Two.\n", "One.\n\nTwo."},
		"windows":                          {" One.\r\n\r\n Two.\r\n", "One.\n\nTwo."},
		"an internal remark goes":          {" One (-- not for you --), two.", "One, two."},
		"over several lines":               {" One.\n (-- api-linter: core::0131\n     aip.dev/not-precedent: old. --)\n Two.", "One.\n\nTwo."},
		"several of them":                  {" (-- a --)One(-- b --) two (-- c --)", "One two"},
		"one that is not closed":           {" One.\n (-- TODO: the secret\n\n of the house", "One."},
		"closed without being opened":      {" One --) two.", "One --) two."},
		"nothing but an internal remark":   {" (-- secret --) ", ""},
		"lines for linters go":             {" One.\n buf:lint:ignore RPC_REQUEST_STANDARD_NAME\n Two.\n protolint:disable:next X\n", "One.\nTwo."},
		"the name of the method stays":     {" GetProduct gets one product.", "GetProduct gets one product."},
		"a list keeps its form":            {" Modes:\n\n - one\n   more of it\n - two\n   - within\n\n 1. first\n 2. second", "Modes:\n\n- one\n  more of it\n- two\n  - within\n\n1. first\n2. second"},
		"fenced code keeps its form":       {" So:\n\n ```json\n {\n   \"a\":  1\n\n\n }\n ```\n\n Done.", "So:\n\n```json\n{\n  \"a\":  1\n\n\n}\n```\n\nDone."},
		"indented code gets fences":        {" So:\n\n     curl  x\n\n       -d y\n\n Done.", "So:\n\n```\ncurl  x\n\n  -d y\n```\n\nDone."},
		"so does what a tab indents":       {" So:\n\n\tcurl x\n", "So:\n\n```\ncurl x\n```"},
		"tabs alone":                       {"\tOne.\n\tTwo.", "One.\nTwo."},
		"a fence without an end":           {" ```\n <b>\n", "```\n<b>\n```"},
		"a fence in a list":                {" - a\n   ```\n   <b>\n   ```\n - c", "- a\n```\n<b>\n```\n- c"},
		"what is indented in a list":       {" - a\n\n     <b>x", "- a\n\n    &lt;b>x"},
		"empty lines are one":              {" One.\n\n\n\n Two.", "One.\n\nTwo."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := prose(c.given); got != c.want {
				t.Errorf("%q\nis  %q\nnot %q", c.given, got, c.want)
			}
		})
	}
}

func TestReferencesBecomeText(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"A [Product][shop.catalog.v1.Product].":          "A `Product`.",
		"A [Product][.shop.Product].":                    "A `Product`.",
		"A [`Product`][shop.Product].":                   "A `Product`.",
		"Call [Get()][shop.Shop.Get] and [name][a.name]": "Call `Get()` and `name`",
		"See [the product][shop.catalog.v1.Product].":    "See the product.",
		"See [shop.catalog.v1.Product][].":               "See `shop.catalog.v1.Product`.",
		"See [this][] one":                               "See [this][] one",
		"Not in code: `a[b][c.d]`.":                      "Not in code: `a[b][c.d]`.",
		"[AIP][aip]\n\n[aip]: https://aip.dev":           "[AIP][aip]\n\n[aip]: https://aip.dev",
		"[page](https://example.com/a?b=c&d=e)":          "[page](https://example.com/a?b=c&d=e)",
	} {
		if got := prose(given); got != want {
			t.Errorf("%q\nis  %q\nnot %q", given, got, want)
		}
	}
}

func TestCommentsCanNotBecomeMarkup(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"<script>alert(1)</script>":                   "&lt;script>alert(1)&lt;/script>",
		"a map<string, int32> of <!-- x --> <?php":    "a map&lt;string, int32> of &lt;!-- x --> &lt;?php",
		"a `map<string, int32>`, a < b, 1 <2":         "a `map<string, int32>`, a < b, 1 <2",
		"``a ` <b>`` <i>":                             "``a ` <b>`` &lt;i>",
		"<https://example.com> <javascript:alert(1)>": "<https://example.com> &lt;javascript:alert(1)>",
		"a `b\n<img src=x onerror=alert(1)>\nc` d":    "a `b\n&lt;img src=x onerror=alert(1)>\nc` d",
		"a ` b\nc ` <img> ` d":                        "a ` b\nc ` &lt;img> ` d",
		"\\` <img> `":                                 "\\` &lt;img> `",
		"| ` | <img> ` |":                             "| ` | &lt;img> ` |",
		"[x](javascript:alert(1))":                    `[x]\(javascript:alert(1))`,
		"[x]( <JavaScript:alert(1)>)":                 `[x]\( &lt;JavaScript:alert(1)>)`,
		"[x](&#106;avascript:alert(1))":               `[x]\(&#106;avascript:alert(1))`,
		"[x](\njavascript:alert(1))":                  "[x]\\(\njavascript:alert(1))",
		"![x](data:text/html,x)":                      `![x]\(data:text/html,x)`,
		"[x]\n\n> [x]: javascript:alert(1)":           "[x]\n\n> \\[x]: javascript:alert(1)",
		"- ```\n<b>\n  ```":                           "- \\`\\`\\`\n&lt;b>\n```\n```",
		"> ~~~\n<b>":                                  "> \\~\\~\\~\n&lt;b>",
		"```\n````\n<b>\n```\n<i>":                    "```\n```\n&lt;b>\n```\n<i>\n```",
		"~~~ a\n```\n<b>\n~~~":                        "````a\n```\n<b>\n````",
	} {
		if got := prose(given); got != want {
			t.Errorf("%q\nis  %q\nnot %q", given, got, want)
		}
	}
}

func TestMakingTextInertTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a `b<c>` <d> [e](javascript:f)", "```\n<a>\n```\n<b>", "- ```\n<b>", "    code\n\ntext"} {
		once := inert(text)
		if twice := inert(once); twice != once {
			t.Errorf("%q became %q", once, twice)
		}
	}
}

func TestSummariesAreSentences(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("very ", 40) + "long. And more."
	for _, c := range []struct{ name, given, summary, description string }{
		{"one sentence", "Gets one product.", "Gets one product", ""},
		{"and more", "Gets one product. It is\nquick.\n\nReally.", "Gets one product", "It is quick.\n\nReally."},
		{"over lines", "Gets\none product.\n\nQuickly.", "Gets one product", "Quickly."},
		{"the method's name", "GetProduct gets one product.", "GetProduct gets one product", ""},
		{"a question stays one", "Is it there? Yes.", "Is it there?", "Yes."},
		{"an abbreviation ends nothing", "Lists things, e.g. Products. All of them.", "Lists things, e.g. Products", "All of them."},
		{"a number ends nothing", "Takes 1.5 seconds.", "Takes 1.5 seconds", ""},
		{"code is not cut", "Reads `a. B` first. Then more.", "Reads `a. B` first", "Then more."},
		{"too long", long, "", long},
		{"a list follows", "Knows modes.\n- a\n- b", "Knows modes", "- a\n- b"},
		{"a list belongs to it", "Knows these modes:\n- a\n- b", "Knows these modes", "Knows these modes:\n- a\n- b"},
		{"a list only", "- a\n- b", "", "- a\n- b"},
		{"code only", "```\na. B\n```", "", "```\na. B\n```"},
		{"a link is kept below", "Follows [RFC 9457](https://x.example/).", "Follows RFC 9457", "Follows [RFC 9457](https://x.example/)."},
		{"no markup above", "Gets a &lt;b>. More.", "", "Gets a &lt;b>. More."},
		{"nothing", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			summary, description := comment(c.given).split()
			if summary != c.summary || description != c.description {
				t.Errorf("%q, %q", summary, description)
			}
		})
	}
}
