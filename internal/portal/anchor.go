package portal

import (
	"net/url"
	"strings"
	"unicode"
)

// referenceURL leads to a tag of the reader's own document. An anchor of Scalar's names the document only where there are
// several.
func (s Site) referenceURL(tag string) string {
	anchor := "tag/" + slug(tag)
	if len(s.Documents) > 1 {
		anchor = slug(s.Documents[0].Audience) + "/" + anchor
	}
	return (&url.URL{Path: referencePath, Fragment: anchor}).String()
}

// slug spells a name as Scalar does in its anchors: letters, marks and digits in lower case, and a hyphen for each run of
// spaces, underscores and hyphens between them. "shop.v1.Gift Cards" is shopv1gift-cards.
func slug(name string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case r == '_', r == '-', unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.L, unicode.M, unicode.N):
			return r
		default:
			return -1
		}
	}, strings.ToLower(name))
	return strings.Join(strings.Fields(kept), "-")
}
