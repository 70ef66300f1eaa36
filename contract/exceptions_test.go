package contract_test

import "strings"

// The ways in which an edge takes or gives more than a document says.
const (
	otherForms  = "every operation with a JSON body takes a form and protobuf too, and answers in protobuf; a document that said so at each would double"
	anyType     = "a body without a type, or of any type where that is set, is JSON"
	otherNumber = "64-bit numbers and enums are read in both forms; a document says the one that is written"
	otherName   = "names are read in both spellings; a document says the one that is written"
	nullUnset   = "null is read as not given; a document says it only where it means something"
	unknownEnum = "a service may know more of an enum's values than its descriptors do"
	pathWins    = "what the path gives may stand in the body too, where it means nothing"
	slashes     = "OpenAPI has no parameter that holds slashes; the description says it"
	selected    = "?fields= leaves out what a schema requires; the parameter's description says it"
	newMethod   = "OpenAPI 3.1 has no place for the method but an extension"
	overridden  = "X-HTTP-Method-Override stands for the method"
	concatenate = "JSON values one behind the other are the form of NDJSON without its line breaks"
	entries     = "the entries of a map are parts with names of their own, which the schema of a form can not list"
	chosen      = "a service that chooses a status of its own says nothing of it in its descriptors"
)

// exceptions are cases, or with a hyphen at the end groups of them, that a document does not say, each with the reason. A case of which that is not
// true fails.
var exceptions = []exception{
	{"bodies/a-form", otherForms},
	{"bodies/a-multipart-form", entries},
	{"bodies/protobuf-", otherForms},
	{"switches/the-type-of-a-body-is-ignored", anyType},
	{"errors/no-type-at-all-is-json", anyType},
	{"bodies/a-list-of-numbers-is-the-body", otherNumber},
	{"json/64-bit-numbers-are-strings", otherNumber},
	{"json/enums", unknownEnum},
	{"json/names-in-both-spellings", otherName},
	{"switches/names-of-the-proto", otherName},
	{"json/null-", nullUnset},
	{"parameters/enums-by-name-and-by-number", otherNumber},
	{"switches/enums-as-numbers", otherNumber},
	{"routing/path-beats-body", pathWins},
	{"routing/an-encoded-slash-stays-encoded-in-several-segments", slashes},
	{"routing/two-stars-", slashes},
	{"selection/fields-of-an-answer", selected},
	{"selection/fields-of-a-stream", selected},
	{"selection/fields-of-elements", selected},
	{"routing/a-method-that-http-does-not-know", newMethod},
	{"headers/method-override-where-it-is-wanted", overridden},
	{"client-streams/values-one-behind-the-other", concatenate},
	{"success/the-service-chooses-the-status", chosen},
}

// reasonFor returns why a case is not as its document says, "" for one that has to be.
func reasonFor(name string) string {
	for _, e := range exceptions {
		if e.covers(name) {
			return e.reason
		}
	}
	return ""
}

type exception struct{ name, reason string }

func (e exception) covers(name string) bool {
	return name == e.name || strings.HasSuffix(e.name, "-") && strings.HasPrefix(name, e.name)
}
