package openapi

// The methods and codes of HTTP that mean something here. The package knows nothing of HTTP itself.
const (
	methodGet    = "GET"
	methodPut    = "PUT"
	methodPost   = "POST"
	methodDelete = "DELETE"
	methodPatch  = "PATCH"
	methodQuery  = "QUERY"

	codeOK        = 200
	codeCreated   = 201
	codeAccepted  = 202
	codeNoContent = 204
)
