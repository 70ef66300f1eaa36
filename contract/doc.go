// Package contract holds the OpenAPI documents against what others say of them: the specification's own schemas, readers
// and linters that nobody here wrote, and the edge's JSON. It is a module of its own, so that what it needs stays out of
// the main one.
package contract
