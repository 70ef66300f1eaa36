package openapi

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"testing"
)

// translated are RE2 expressions and what they are in ECMA-262; "" for those that have no simple form there.
var translated = map[string]string{
	`^[a-z0-9-]+$`:                    `^[a-z0-9-]+$`,
	`^categories(/[a-z]+){1,2}$`:      `^categories(/[a-z]+){1,2}$`,
	`^\+[1-9]\d{6,14}$`:               `^\+[1-9]\d{6,14}$`,
	`\bword\b|\w*\.\W`:                `\bword\b|\w*\.\W`,
	`a.c`:                             `a[^\n]c`,
	`(?s)a.c`:                         `a[\s\S]c`,
	`(?s:a.)c.`:                       `(?:a[\s\S])c[^\n]`,
	`\Aab\z`:                          `^ab$`,
	`\s+\S[\s,]`:                      `[\t\n\f\r ]+[^\t\n\f\r ][\t\n\f\r ,]`,
	`[\S]`:                            ``,
	`\Qa.b(\Ec`:                       `a\.b\(c`,
	`\Qa.b`:                           `a\.b`,
	`[[:alpha:]_][[:alnum:]]*`:        `[A-Za-z_][0-9A-Za-z]*`,
	`[[:^alpha:]]`:                    ``,
	`[[:punct:][:space:]x]`:           "[!-/:-@\\[-`{-~\\t\\n\\v\\f\\r x]",
	`(?P<year>\d{4})-(?<month>\d\d)`:  `(?:\d{4})-(?:\d\d)`,
	`\pL\p{Lu}\P{N}\p{^Zs}\pN?`:       `\p{L}\p{Lu}\P{N}\P{Zs}\p{N}?`,
	`[\pL\d_-]+`:                      `[\p{L}\d_-]+`,
	`\p{Greek}`:                       ``,
	`(?i)ab-k1`:                       "[aA][bB]-[k\u212aK]1",
	`(?i)[a-c_]+`:                     `[a-c_A-C]+`,
	`(?i)[^x]`:                        `[^xX]`,
	`a(?i)b(?-i)c`:                    `a[bB]c`,
	`(?i:a)b`:                         `(?:[aA])b`,
	`(a(?i)b)c`:                       `(a[bB])c`,
	`(?i)\w`:                          ``,
	`(?m)^a$`:                         ``,
	`(?m)\Aa\z`:                       `^a$`,
	`(?U)a+b*?`:                       `a+b*?`,
	`^*a`:                             ``,
	`(?:^)*a`:                         `(?:^)*a`,
	`a{,2}b{x}c}`:                     `a\{,2\}b\{x\}c\}`,
	`a{2}b{2,}c{2,3}`:                 `a{2}b{2,}c{2,3}`,
	`a]b`:                             `a\]b`,
	`[]a][^]a][a[]`:                   `[\]a][^\]a][a\[]`,
	`\-\_\@\/\"\.`:                    `-_@/"\.`,
	`[\-\_\]\^a-c]`:                   `[\-_\]\^a-c]`,
	`[\w-z][\w-][+--][--/]`:           `[\w\-z][\w-][+--][\--/]`,
	`\x41\x{1F600}\x{e9}\n\t\a\101\v`: "A😀é\\n\\t\\x07A\\v",
	`[\x00-\x08\x{7f}]`:               `[\x00-\x08\x7F]`,
	`日本|é`:                            `日本|é`,
	`(|a)()`:                          `(|a)()`,
}

func TestPatternsBecomeThoseOfECMA(t *testing.T) {
	t.Parallel()
	for pattern, want := range translated {
		regexp.MustCompile(pattern)
		if got, ok := ecmaPattern(pattern); ok != (want != "") || ok && got != want {
			t.Errorf("%s is %s %v, not %s", pattern, got, ok, want)
		}
	}
}

// soups are texts of what the patterns are made of.
func soups(n int) []string {
	pieces := []rune("aAbBcCkKKsSſxyz0159-_.+,()[]{}/\\@\" \t\n\r\v\f\x00\x07\x08\x7fé日本😀αÅ\u2028^$|:?~!")
	words := []string{"word", "2024-05", "categories/a/b", "+4915112345", "a.b(c", "ABé", "b{x}c}", "a{,2}"}
	rnd := rand.New(rand.NewPCG(1, 2))
	texts := []string{""}
	for range n {
		var text string
		for range rnd.IntN(5) {
			text += string(pieces[rnd.IntN(len(pieces))])
		}
		if rnd.IntN(8) == 0 {
			text += words[rnd.IntN(len(words))]
		}
		texts = append(texts, text)
	}
	return texts
}

func TestPatternsMatchTheSameTextsInGo(t *testing.T) {
	t.Parallel()
	texts := soups(20000)
	for pattern, want := range translated {
		if want == "" {
			continue
		}
		before, after := regexp.MustCompile(pattern), regexp.MustCompile(want)
		for _, text := range texts {
			if before.MatchString(text) != after.MatchString(text) {
				t.Errorf("%s and %s differ about %q", pattern, want, text)
				break
			}
		}
	}
}

// TestPatternsMatchTheSameTextsInECMA asks an engine that reads them as JSON Schema does.
func TestPatternsMatchTheSameTextsInECMA(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is missing: install Node.js 20.19 or newer")
	}
	texts := soups(4000)
	var asked struct {
		Patterns []string `json:"patterns"`
		Texts    []string `json:"texts"`
	}
	asked.Texts = texts
	var patterns []*regexp.Regexp
	for pattern, want := range translated {
		if want != "" {
			patterns = append(patterns, regexp.MustCompile(pattern))
			asked.Patterns = append(asked.Patterns, want)
		}
	}
	question, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	const program = `const {patterns, texts} = JSON.parse(require("fs").readFileSync(0));
		console.log(JSON.stringify(patterns.map(p => texts.map(t => new RegExp(p, "u").test(t)))))`
	cmd := exec.CommandContext(t.Context(), node, "-e", program)
	cmd.Stdin = bytes.NewReader(question)
	answer, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var matches [][]bool
	if err := json.Unmarshal(answer, &matches); err != nil {
		t.Fatal(err)
	}
	for i, re := range patterns {
		for j, text := range texts {
			if re.MatchString(text) != matches[i][j] {
				t.Errorf("%s in Go and %s in ECMA differ about %q", re, asked.Patterns[i], text)
				break
			}
		}
	}
}

func FuzzPatternsMatchTheSameTexts(f *testing.F) {
	for pattern := range translated {
		f.Add(pattern, "aB")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		before, err := regexp.Compile(pattern)
		if err != nil {
			return
		}
		got, ok := ecmaPattern(pattern)
		if !ok {
			return
		}
		after, err := regexp.Compile(got)
		if err != nil {
			t.Fatalf("%q becomes %q: %v", pattern, got, err)
		}
		if before.MatchString(text) != after.MatchString(text) {
			t.Fatalf("%q and %q differ about %q", pattern, got, text)
		}
	})
}
