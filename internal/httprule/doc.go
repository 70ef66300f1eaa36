// Package httprule reads and writes the path templates of google.api.http, such as /v1/{name=shelves/*}/books:search.
//
// It is the only reader of that grammar: the router inserts what [Parse] returns and the documents print it.
// The grammar is the one in google/api/http.proto:
//
//	Template = "/" Segments [ Verb ] ;
//	Segments = Segment { "/" Segment } ;
//	Segment  = "*" | "**" | LITERAL | Variable ;
//	Variable = "{" FieldPath [ "=" Segments ] "}" ;
//	FieldPath = IDENT { "." IDENT } ;
//	Verb     = ":" LITERAL ;
//
// # Rules
//
// Where that text leaves room, these hold:
//
//   - "/" alone is a template without segments.
//   - "**" stands last; only a verb may follow it. A variable holds no variable and binds its field once.
//   - A literal is written in the characters RFC 3986 allows in a path segment and kept percent-decoded, so /caf%C3%A9
//     and /caf%c3%a9 are one template. An asterisk inside a literal is written %2A, for it would look like a wildcard.
//   - A colon in the last segment begins the verb; with several, the last one does. Elsewhere it is part of the literal.
//     A literal colon in the last segment is written %3A.
//   - "." and ".." are refused as literals, encoded or not: clients and proxies resolve them before the path arrives.
//   - One template has one canonical spelling, [Template.String], and reading that gives the same template again.
//
// A [Template] is a plain value; nothing here holds state, so everything may be called concurrently.
//
// # Files
//
//	template.go  what a template is, and its canonical spelling
//	parse.go     text to template
//	literal.go   characters and percent-encoding
//	error.go     what a refusal says
package httprule
