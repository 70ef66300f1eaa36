// Package corpus reads cases of an HTTP conformance corpus, plays them against a gateway, and reports.
//
// A case is a text file of one HTTP request and all that must come of it. Its lines are marked by what they tell:
//
//	#   the promise and the reason for it, one sentence
//	@   what Gatehouse has to be told first, as YAML of its configuration; nothing for a case of its defaults
//	>   the HTTP request that the client sends
//	>>  the call that the upstream gets; without these lines, it must not be called
//	<<  what the upstream answers
//	<   the HTTP response that the client gets
//
// in this order. A mark stands alone or before a space; empty lines between the parts mean nothing. So this is a case:
//
//	# What the path says wins over the body, because the path is what policies and logs have seen.
//
//	> PUT /edgetest/v1/bodies/path
//	> Content-Type: application/json
//	>
//	> {"text": "body", "int32Value": 7}
//
//	>> edgetest.v1.EverythingService/BodyAndPath
//	>> {"text": "path", "int32Value": 7}
//
//	<< {"text": "path"}
//
//	< 200 json
//	< Content-Type: application/json
//	<
//	< {"text": "path", "...": "..."}
//
// # The request
//
// The first line is the method, the path as it goes over the wire, and the form of the body: none for the text as it
// stands (its lines end in LF, those of a multipart body in CRLF), gzip for the same compressed, "protobuf TYPE" for a
// message that is given as JSON. Headers follow, then an empty line and the body. {{3*ab}} is ababab, here and in all
// other parts. Nothing is sent that does not stand there, but for Host and Content-Length.
//
// # The call
//
// The first line is the RPC. Then stand metadata that have to come with it, one a line; "!name" for some that must not;
// and "within 5s" for a deadline that is no further away. The messages follow as JSON, one behind the other, and are
// compared as messages. A call that is cancelled before its last message is none.
//
// # The answer of the upstream
//
// Lines are "header name: value" and "trailer name: value" for metadata, messages as JSON, "wire 0a01" for a message
// that is these bytes, "error CODE text" for the status, behind which JSON is its details, and "hang" for an upstream that
// waits until the call is ended. The mark alone is an answer without messages.
//
// # The response
//
// The first line is the status and how the body is compared:
//
//	json            as one JSON value
//	lines           as JSON values, one a line
//	events          as server-sent events, their data as JSON, without comments
//	text            byte by byte; the lines end in LF, the last one in nothing
//	protobuf TYPE   as a message that is given as JSON
//	empty           there is none
//	aborted         as text; and the transfer must not end as if it were whole
//	left            its first line as JSON; behind that, the client leaves, and the upstream's call must end
//	any             not at all
//
// Headers follow, "!Name" for one that must not be there, then an empty line and the body, from which a gzip
// Content-Encoding is taken off first.
//
// Several values of a header, or of metadata, are compared as one with ", " between them. In values of metadata, headers
// and JSON, and in text, <any> stands for any text; a JSON string that is "<any>" stands for any value. An object with the
// member "..." may have further members, a list that ends in "..." further elements.
//
// # Files
//
//	case.go      what a case is
//	parse.go     files to parts
//	request.go   the request, parsed and sent
//	upstream.go  the call and its answer, parsed
//	backend.go   the upstream that plays them
//	response.go  the response, parsed and compared
//	match.go     texts and JSON values, compared
//	events.go    server-sent events
//	run.go       cases, run
//	front.go     gateways in the same process
//	report.go    results, printed
package corpus
