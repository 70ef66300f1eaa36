// Package contract holds the OpenAPI documents against what others say of them: the specification's own schemas, readers
// and linters that nobody here wrote, the edge's JSON, and clients that generators make of them. It is a module of its
// own, so that what it needs stays out of the main one.
//
// typescript/ and goclient/ are programs of callers. What they are made of is pinned there, and installed where the tests
// run them.
package contract
