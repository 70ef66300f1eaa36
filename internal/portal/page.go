package portal

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"
)

var blankLine = regexp.MustCompile(`\n\s*\n`)

// addPages renders the pages. The assets' URLs come by their names.
func (p portal) addPages(site Site, assets map[string]string) error {
	pages, err := template.New("").Funcs(template.FuncMap{
		"asset":      func(name string) string { return assets[name] },
		"paragraphs": paragraphs,
		"reference":  site.referenceURL,
		"sources":    sources,
	}).ParseFS(embedded, "pages/*.html")
	if err != nil {
		return err
	}
	for at, name := range map[string]string{landingPath: "landing.html", referencePath: "reference.html"} {
		var page bytes.Buffer
		if err := pages.ExecuteTemplate(&page, name, site); err != nil {
			return err
		}
		packed, err := pack(page.Bytes())
		if err != nil {
			return err
		}
		p[at] = newFile(name, askAgain, packed)
	}
	return nil
}

func paragraphs(text string) []string {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	return blankLine.Split(text, -1)
}

// source is a document as Scalar is told of it.
type source struct {
	Title string `json:"title"` // in the list to choose from
	Slug  string `json:"slug"`  // in anchors
	URL   string `json:"url"`
}

func sources(documents []Document) []source {
	all := make([]source, len(documents))
	for i, d := range documents {
		all[i] = source{Title: d.Audience, Slug: slug(d.Audience), URL: d.JSON}
	}
	return all
}
