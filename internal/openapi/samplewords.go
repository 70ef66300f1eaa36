package openapi

import (
	"strings"
	"unicode"
)

// The values that stand for all of their kind. None of them changes, nor is anybody's: the domain is RFC 2606's, the
// telephone number is kept for fiction.
const (
	sampleTime = "2026-01-15T09:30:00Z"
	sampleUUID = "5f0c9f0e-3b1a-4c8e-9d57-2a6e1b7c4d90"
)

// samplesOfFormat are texts of the formats that schemas name.
var samplesOfFormat = map[string]string{
	"date-time": sampleTime, "date": "2026-01-15", "time": "09:30:00Z", "uuid": sampleUUID, "email": "ada@example.com",
	"uri": "https://example.com/", "uri-reference": "/", "hostname": "example.com", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1",
	"int64": "1", "uint64": "1",
}

// samplesOfWord are texts by the last words of a property's name, the longer ones first.
var samplesOfWord = []struct{ words, text string }{
	{"currency code", "EUR"}, {"country code", "DE"}, {"region code", "DE"}, {"language code", "en"}, {"postal code", "10117"},
	{"zip code", "10117"}, {"time zone", "Europe/Berlin"}, {"page token", "b2Zmc2V0PTUw"}, {"first name", "Ada"}, {"given name", "Ada"},
	{"last name", "Lovelace"}, {"family name", "Lovelace"}, {"full name", "Ada Lovelace"}, {"user name", "ada"},
	{"display name", "Example"}, {"file name", "example.pdf"}, {"media type", "image/png"}, {"mime type", "image/png"},
	{"content type", "image/png"}, {"update mask", "name"}, {"field mask", "name"}, {"order by", "name"},
	{"email", "ada@example.com"}, {"email address", "ada@example.com"}, {"phone", "+12025550143"}, {"phone number", "+12025550143"},
	{"currency", "EUR"}, {"country", "DE"}, {"language", "en"}, {"locale", "en"}, {"timezone", "Europe/Berlin"}, {"city", "Berlin"},
	{"street", "Unter den Linden 1"}, {"postcode", "10117"}, {"zip", "10117"}, {"url", "https://example.com/"},
	{"uri", "https://example.com/"}, {"link", "https://example.com/"}, {"href", "https://example.com/"},
	{"website", "https://example.com/"}, {"host", "example.com"}, {"hostname", "example.com"}, {"domain", "example.com"},
	{"username", "ada"}, {"filename", "example.pdf"}, {"etag", "33a64df5"}, {"uuid", sampleUUID}, {"description", "A few words about it."},
	{"text", "A few words."}, {"message", "A few words."}, {"comment", "A few words."}, {"note", "A few words."},
	{"color", "#336699"}, {"colour", "#336699"}, {"version", "1.0"}, {"date", "2026-01-15"}, {"query", "example"}, {"title", "Example"},
	{"name", "Example"},
}

// numbersOfWord are numbers by the last words of a property's name.
var numbersOfWord = []struct{ words, number string }{
	{"page size", "50"}, {"latitude", "52.52"}, {"longitude", "13.405"}, {"nanos", "500000000"}, {"units", "12"}, {"year", "2026"},
	{"month", "1"}, {"day", "15"}, {"percent", "10"}, {"port", "443"}, {"rating", "4.5"}, {"width", "640"}, {"height", "480"},
	{"total", "3"}, {"count", "3"}, {"size", "3"}, {"quantity", "2"},
}

// wordsOf parts the name of a property: "nextPageToken" is "next page token".
func wordsOf(name string) string {
	var out strings.Builder
	var before rune
	for _, r := range name {
		switch {
		case r == '_' || r == '-' || r == '.':
			r = ' '
		case unicode.IsUpper(r) && unicode.IsLower(before):
			out.WriteByte(' ')
		}
		before = r
		out.WriteRune(unicode.ToLower(r))
	}
	return strings.Trim(out.String(), " []")
}

// endsIn tells whether a name ends in words, and not just in letters.
func endsIn(name, words string) bool { return name == words || strings.HasSuffix(name, " "+words) }

// textsOf are texts that would do for a property, the best ones first.
func textsOf(name string) []string {
	words := wordsOf(name)
	if words == "" {
		words = "text"
	}
	var texts []string
	for _, known := range samplesOfWord {
		if endsIn(words, known.words) {
			texts = append(texts, known.text)
		}
	}
	if thing, ok := strings.CutSuffix(words, " id"); ok {
		texts = append(texts, strings.ReplaceAll(thing, " ", "-")+"-1")
	}
	if words == "id" {
		texts = append(texts, "a1b2c3")
	}
	return append(texts, words, strings.ReplaceAll(words, " ", "-"))
}

// numbersFor are numbers that would do for a property.
func numbersFor(name string) []string {
	words := wordsOf(name)
	var numbers []string
	for _, known := range numbersOfWord {
		if endsIn(words, known.words) {
			numbers = append(numbers, known.number)
		}
	}
	return numbers
}
