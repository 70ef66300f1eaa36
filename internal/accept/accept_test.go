package accept_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/accept"
)

func TestMedia(t *testing.T) {
	t.Parallel()
	api := []string{"application/json", "application/protobuf"}
	stream := []string{"application/x-ndjson", "text/event-stream", "application/json"}
	for name, c := range map[string]struct {
		header []string
		offers []string
		want   string // "" for none
	}{
		"absent":                      {nil, api, "application/json"},
		"empty":                       {[]string{""}, api, "application/json"},
		"only empty elements":         {[]string{" , ,", ""}, api, "application/json"},
		"anything":                    {[]string{"*/*"}, api, "application/json"},
		"the second offer":            {[]string{"application/protobuf"}, api, "application/protobuf"},
		"case does not matter":        {[]string{"Application/JSON"}, api, "application/json"},
		"nothing of it":               {[]string{"image/png"}, api, ""},
		"nothing offered":             {[]string{"*/*"}, nil, ""},
		"ties go to the server":       {[]string{"application/protobuf, application/json"}, api, "application/json"},
		"weights go before":           {[]string{"application/json;q=0.5, application/protobuf;q=0.8"}, api, "application/protobuf"},
		"thousandths count":           {[]string{"application/json;q=0.998, application/protobuf;q=0.999"}, api, "application/protobuf"},
		"the smallest weight":         {[]string{"application/json;q=0.001"}, api, "application/json"},
		"several lines are one list":  {[]string{"image/png", "application/protobuf"}, api, "application/protobuf"},
		"a browser":                   {[]string{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, api, "application/json"},
		"EventSource":                 {[]string{"text/event-stream"}, stream, "text/event-stream"},
		"a wildcard ties with a name": {[]string{"application/json, text/plain, */*"}, stream, "application/x-ndjson"},

		"excluded":                        {[]string{"application/json;q=0"}, api, ""},
		"excluded in all its spellings":   {[]string{"application/json;q=0.000, application/protobuf;q=0."}, api, ""},
		"excluded among all":              {[]string{"*/*, application/json;q=0"}, api, "application/protobuf"},
		"all but one":                     {[]string{"*/*;q=0, application/protobuf"}, api, "application/protobuf"},
		"a subtype of what is excluded":   {[]string{"application/*;q=0, application/json"}, api, "application/json"},
		"excluded beats nothing narrower": {[]string{"application/*, */*;q=0"}, api, "application/json"},

		"a parameter nobody offers":      {[]string{"application/json;version=2"}, api, "application/json"},
		"a charset":                      {[]string{"application/json; charset=utf-8"}, api, "application/json"},
		"not excluded by a version":      {[]string{"application/json;version=2;q=0, application/json"}, api, "application/json"},
		"the parameter that is offered":  {[]string{"a/b;v=2"}, []string{"a/b;v=1", "a/b; v=2"}, "a/b; v=2"},
		"a quoted parameter":             {[]string{`a/b;v="2"`}, []string{"a/b;v=1", "a/b;v=2"}, "a/b;v=2"},
		"another parameter than offered": {[]string{"a/b;v=3"}, []string{"a/b;v=1", "a/b;v=2"}, ""},
		"a parameter after the weight":   {[]string{"a/b;q=0.5;v=2, a/b;v=1;q=0.4"}, []string{"a/b;v=1", "a/b;v=2"}, "a/b;v=2"},
		"a comma in quotes":              {[]string{`image/png;x="a, application/json", application/protobuf`}, api, "application/protobuf"},
		"an escaped quote":               {[]string{`image/png;x="\", application/json", application/protobuf`}, api, "application/protobuf"},
		"white space":                    {[]string{"\t application/json ;\tq=0.5 , application/protobuf ; q=0.6"}, api, "application/protobuf"},

		"malformed is passed over":   {[]string{"application/json;q=high, application/protobuf;q=0.1"}, api, "application/protobuf"},
		"too many digits":            {[]string{"application/json;q=0.1234, application/protobuf;q=0.1"}, api, "application/protobuf"},
		"more than 1":                {[]string{"application/json;q=1.001, application/protobuf;q=0.1"}, api, "application/protobuf"},
		"a kind without a type":      {[]string{"json, */json, application/, /json, application/protobuf"}, api, "application/protobuf"},
		"a parameter without value":  {[]string{"application/json;v, application/protobuf"}, api, "application/protobuf"},
		"quotes without an end":      {[]string{`image/png;x=", image/gif`}, api, "application/json"},
		"all malformed":              {[]string{"json, ;q=0", "@/@", "text/plain;q=2"}, api, "application/json"},
		"HttpURLConnection":          {[]string{"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}, api, "application/json"},
		"a star that excludes":       {[]string{"*;q=.0, application/protobuf"}, api, "application/protobuf"},
		"the 65th element":           {[]string{strings.Repeat("image/png,", 64) + "application/json"}, api, ""},
		"the 64th element":           {[]string{strings.Repeat("image/png,", 63) + "application/json"}, api, "application/json"},
		"beyond 8 KiB":               {[]string{"image/" + strings.Repeat("x", 8<<10-7) + ",application/json"}, api, ""},
		"up to 8 KiB":                {[]string{"image/" + strings.Repeat("x", 8<<10-8) + ",", "*"}, api, "application/json"},
		"a weight across the 8 KiB":  {[]string{"image/" + strings.Repeat("x", 8<<10-22) + ",application/json;q=0.5"}, api, ""},
		"one element of over 8 KiB":  {[]string{strings.Repeat("x", 9<<10)}, api, "application/json"},
		"lines beyond 8 KiB":         {[]string{"image/png", strings.Repeat("x", 9<<10), "application/json"}, api, ""},
		"an offer with a parameter":  {[]string{"application/json"}, []string{"application/json;charset=utf-8"}, "application/json;charset=utf-8"},
		"the first of two alike":     {[]string{"a/b;q=0.2, a/b;q=0"}, []string{"a/b"}, "a/b"},
		"closer, though lighter":     {[]string{"application/json;q=0.1, */*;q=0.9"}, api, "application/protobuf"},
		"closer, though it is later": {[]string{"*/*;q=0.9, application/*;q=0.5, application/json;q=0.1"}, api, "application/protobuf"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if i, ok := accept.Media(c.header, c.offers); ok {
				got = c.offers[i]
			}
			if got != c.want {
				t.Errorf("%q: got %q, want %q", c.header, got, c.want)
			}
		})
	}
}

// The table of RFC 9110, section 12.5.1, and that of RFC 7231, section 5.3.2, before it. Each row puts the media type
// beside another one whose weight is just below, and just above, the table's.
func TestMediaWeighsAsTheTablesOfTheRFCs(t *testing.T) {
	t.Parallel()
	const (
		rfc9110 = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"
		rfc7231 = "text/*;q=0.3, text/html;q=0.7, text/html;level=1, text/html;level=2;q=0.4, */*;q=0.5"
	)
	for _, row := range []struct{ header, media, below, above string }{
		{rfc9110, "text/plain;format=flowed", ";q=0.999", ""},
		{rfc9110, "text/plain", ";q=0.699", ";q=0.701"},
		{rfc9110, "text/html", ";q=0.299", ";q=0.301"},
		{rfc9110, "image/jpeg", ";q=0.499", ";q=0.501"},
		{rfc9110, "text/plain;format=fixed", ";q=0.399", ";q=0.401"},
		{rfc7231, "text/html;level=1", ";q=0.999", ""},
		{rfc7231, "text/html", ";q=0.699", ";q=0.701"},
		{rfc7231, "text/plain", ";q=0.299", ";q=0.301"},
		{rfc7231, "image/jpeg", ";q=0.499", ";q=0.501"},
		{rfc7231, "text/html;level=2", ";q=0.399", ";q=0.401"},
		{rfc7231, "text/html;level=3", ";q=0.699", ";q=0.701"},
	} {
		offers := []string{"a/rival", row.media}
		if i, ok := accept.Media([]string{row.header + ", a/rival" + row.below}, offers); !ok || i != 1 {
			t.Errorf("%s weighs no more than %q", row.media, row.below)
		}
		if i, ok := accept.Media([]string{row.header + ", a/rival" + row.above}, offers); !ok || i != 0 {
			t.Errorf("%s weighs more than %q", row.media, row.above)
		}
	}
	if i, _ := accept.Media([]string{"audio/*; q=0.2, audio/basic"}, []string{"audio/ogg", "audio/basic"}); i != 1 {
		t.Error("audio/basic is preferred")
	}
	elaborate := []string{"text/plain; q=0.5, text/html, text/x-dvi; q=0.8, text/x-c"}
	order := []string{"text/plain", "text/x-dvi", "text/html", "text/x-c"}
	for n, want := range []int{0, 1, 2, 2} {
		if i, ok := accept.Media(elaborate, order[:n+1]); !ok || i != want {
			t.Errorf("of %q: got %d, want %d", order[:n+1], i, want)
		}
	}
}

func TestEncoding(t *testing.T) {
	t.Parallel()
	offers := []string{"zstd", "br", "gzip"}
	for name, c := range map[string]struct {
		header []string
		want   string // "406" for none
	}{
		"absent":                      {nil, ""},
		"empty":                       {[]string{""}, ""},
		"a browser":                   {[]string{"gzip, deflate, br, zstd"}, "zstd"},
		"an older browser":            {[]string{"gzip, deflate, br"}, "br"},
		"several lines":               {[]string{"deflate", "gzip"}, "gzip"},
		"RFC: compress, gzip":         {[]string{"compress, gzip"}, "gzip"},
		"RFC: anything":               {[]string{"*"}, "zstd"},
		"RFC: weights":                {[]string{"compress;q=0.5, gzip;q=1.0"}, "gzip"},
		"RFC: identity before the *":  {[]string{"gzip;q=1.0, identity; q=0.5, *;q=0"}, "gzip"},
		"x-gzip":                      {[]string{"x-gzip"}, "gzip"},
		"case does not matter":        {[]string{"BR"}, "br"},
		"unknown only":                {[]string{"deflate, compress"}, ""},
		"weights go before":           {[]string{"zstd;q=0.2, br;q=0.3, gzip;q=0.1"}, "br"},
		"excluded":                    {[]string{"gzip;q=0"}, ""},
		"excluded among all":          {[]string{"*, zstd;q=0"}, "br"},
		"a name goes before the *":    {[]string{"*;q=0.9, zstd;q=0.1"}, "br"},
		"identity wins by weight":     {[]string{"gzip;q=0.5, identity"}, ""},
		"identity wins by the *":      {[]string{"zstd;q=0.1, br;q=0.1, gzip;q=0.1, *;q=0.5"}, ""},
		"identity is last at a tie":   {[]string{"identity, gzip"}, "gzip"},
		"identity unnamed is last":    {[]string{"gzip;q=0.001"}, "gzip"},
		"nothing is left":             {[]string{"identity;q=0"}, "406"},
		"nothing is left by the *":    {[]string{"*;q=0"}, "406"},
		"identity saved from the *":   {[]string{"*;q=0, identity;q=0.1"}, ""},
		"identity named after the *":  {[]string{"identity;q=0, *;q=0.5"}, "zstd"},
		"only what is not had":        {[]string{"deflate, *;q=0"}, "406"},
		"a coding instead of nothing": {[]string{"gzip, *;q=0"}, "gzip"},
		"malformed":                   {[]string{"gzip;q=x, @, br q=1"}, ""},
		"malformed is passed over":    {[]string{"zstd;q=x, gzip"}, "gzip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := accept.Encoding(c.header, offers)
			if !ok {
				got += "406"
			}
			if got != c.want {
				t.Errorf("%q: got %q, want %q", c.header, got, c.want)
			}
		})
	}
}

func TestNothingAllocates(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts everybody's
	media := []string{"application/json", "application/protobuf"}
	codings := []string{"zstd", "br", "gzip"}
	for _, header := range [][]string{
		nil,
		{"*/*"},
		{"application/json"},
		{"application/json, text/plain, */*"},
		{`image/png;x="a,b";q=0.2, application/*;v=1;q=0.1`, "TEXT/*"},
		{"gzip, deflate, br;q=0.5, zstd;q=0"},
	} {
		if n := testing.AllocsPerRun(100, func() {
			accept.Media(header, media)
			accept.Encoding(header, codings)
		}); n != 0 {
			t.Errorf("%q: %v allocations", header, n)
		}
	}
}
