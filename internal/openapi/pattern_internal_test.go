package openapi

import (
	"regexp"
	"testing"
)

func TestAPatternIsSpelled(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"^[A-Z]{3}-[0-9]{4,6}$":          "ABC-123456",
		"^[a-z0-9][a-z0-9-]{0,62}$":      "abc",
		"^(id|name)( (asc|desc))?$":      "id asc",
		"^categories(/[a-z0-9-]+){1,2}$": "categories/abc/def",
		"^\\+[1-9]\\d{1,14}$":            "+1234",
		"(?i)^abc$":                      "ABC",
		"^[^a-zA-Z0-9]$":                 "-",
		"^\\p{Greek}+$":                  "ͰͰͰ",
		"":                               "",
		"^(?=a)b$":                       "",
		"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9]{2}$": "abcdefab-cdef-abcd-efab-12",
		"^.{1000}$":            "",
		"^(((((()*)*)*)*)*)*$": "",
	} {
		if got := spell(pattern, 2); got != want {
			t.Errorf("%s: %q, not %q", pattern, got, want)
		}
	}
}

// FuzzSpelledTextsAreShort makes sure that no pattern takes long, and that what is spelled for most is of the pattern.
func FuzzSpelledTextsAreShort(f *testing.F) {
	f.Add("^[a-z]+(x|y){2,}$", 3)
	f.Add("((a*)*)*", 64)
	f.Add("(((a{9}){9}){9}){9}", 0)
	f.Add("(((((()*)*)*)*)*)*", 64)
	f.Fuzz(func(t *testing.T, pattern string, extra int) {
		text := spell(pattern, extra%65)
		if len(text) > longestSpelling {
			t.Errorf("%q is spelled with %d bytes", pattern, len(text))
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			return
		}
		b := &builder{patterns: map[string]*regexp.Regexp{}}
		if err := b.refusesText(&Schema{Pattern: pattern}, text); (err == nil) != re.MatchString(text) {
			t.Errorf("%q: %v", pattern, err)
		}
	})
}
