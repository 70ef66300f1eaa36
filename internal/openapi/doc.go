// Package openapi writes the OpenAPI document of a compiled API, for one audience.
//
// [Build] is a pure function: the same API and options give the same document, and [Document.JSON] and [Document.YAML] give
// the same bytes. It asks nobody and logs nothing. Input that contradicts itself, or what is served, is an error with the
// place where it stands, never a guess.
//
// # Rules
//
//   - A document says what the edge does, by the same rules: what a binding takes and what it answers with, in the dialect
//     of its service. Where OpenAPI has no words, a description has.
//   - What the audience does not see is not there, by no name.
//   - Services stand in the order of their full names, methods as they are declared, the operations of a path as OpenAPI
//     lists them, fields as they are declared, components by their names.
//   - An operation's id is made of the names of service and method, and changes with nothing else.
//
// # Files
//
//	build.go, document.go, schema.go   what a document is made of, and in which order
//	operation.go, paths.go, pathnames.go, parameters.go, body.go, responses.go, failures.go
//	                                   a binding to an operation
//	components.go, message.go, value.go, annotations.go
//	                                   messages to schemas, and schemas to components
//	rules.go and what it names         validation rules to constraints
//	comments.go, markdown.go           comments to text
//	lossy.go                           whose answers may lack something
//	policy.go, schemes.go              who may call, with what credentials, and how often
//	info.go, swagger.go, tags.go, security.go, …options.go, literals.go, resources.go
//	                                   what the options of grpc-gateway's generator and of google.api.resource add
//	examples.go, sample….go, pattern.go, conformity.go
//	                                   examples, made and held against their schemas
//	profile.go, profileschema.go       the same in OpenAPI 3.0
//	encode.go, walk.go, …sink.go       documents to JSON and YAML
package openapi
