// Package portal shows people an API: a landing page and a reference in which calls can be tried, for one audience.
//
// # Rules
//
//   - Nothing comes from elsewhere. Pages load what this package embeds and the documents that the edge itself serves,
//     and [New] refuses a document's URL that is not a path. The policy that goes with every response makes browsers
//     hold to it, and lets them run no script and call no host but this one.
//   - A call that is tried sends what its reader fills in. Examples of what a call does not need are told, not sent.
//   - What a [Site] says is text, whoever wrote it: the templates escape it.
//   - An asset's URL holds a hash of its content, so it may be kept for ever. A page is asked for again each time, and
//     has an ETag.
//   - Every response is kept gzipped, and unpacked for clients that do not accept that.
//
// The reference is Scalar's. assets/ holds it as tools/portal fetched it, under the licence beside it.
//
// # Files
//
//	site.go    what is told
//	portal.go  paths to responses, and the headers of all
//	page.go    templates to pages
//	anchor.go  links to a service's place in the reference
//	file.go    a response's codings and caching
package portal
