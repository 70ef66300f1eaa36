package stream

import "net/http"

var (
	openArray  = []byte("[")
	nextInside = []byte(",\n")
	closeArray = []byte("]")
)

// Array writes messages as the elements of one JSON array.
type Array struct {
	response
	some bool // messages were sent, and a comma stands before the next one
}

var _ Writer = (*Array)(nil)

// NewArray returns a stream that is one array.
func NewArray(w http.ResponseWriter) *Array { return &Array{response: response{w: w}} }

// Start implements [Writer].
func (a *Array) Start() error {
	if a.started {
		return a.err
	}
	return a.write()
}

// Head implements [Writer].
func (a *Array) Head() error { return a.head("application/json") }

// Send implements [Writer].
func (a *Array) Send(json []byte, _ Event) error {
	if !a.some {
		a.some = true
		return a.write(json)
	}
	return a.write(nextInside, json)
}

// Error implements [Writer]: it writes nothing and returns [ErrAbort].
func (a *Array) Error([]byte) error {
	a.Close()
	return ErrAbort
}

// End implements [Writer]. A stream without messages is an empty array.
func (a *Array) End() error {
	defer a.Close()
	return a.write(closeArray)
}

// Close implements [Writer].
func (a *Array) Close() { a.over = true }

func (a *Array) write(parts ...[]byte) error {
	return a.response.write("application/json", openArray, parts...)
}
