package stream

import "net/http"

var (
	lineEnd    = []byte("\n")
	openResult = []byte(`{"result":`)
	openError  = []byte(`{"error":`)
	closeLine  = []byte("}\n")
)

// NDJSON writes messages as lines.
type NDJSON struct {
	response
	// Result wraps every message in {"result": …}, as grpc-gateway does. It is set before the stream is started.
	Result bool
}

var _ Writer = (*NDJSON)(nil)

// NewNDJSON returns a stream of lines.
func NewNDJSON(w http.ResponseWriter) *NDJSON { return &NDJSON{response: response{w: w}} }

// Start implements [Writer].
func (n *NDJSON) Start() error {
	if n.started {
		return n.err
	}
	return n.write()
}

// Head implements [Writer].
func (n *NDJSON) Head() error { return n.head(n.contentType()) }

// Send implements [Writer].
func (n *NDJSON) Send(json []byte, _ Event) error {
	if n.Result {
		return n.write(openResult, json, closeLine)
	}
	return n.write(json, lineEnd)
}

// Error implements [Writer]: the status is the last line, {"error": …}.
func (n *NDJSON) Error(status []byte) error {
	defer n.Close()
	return n.write(openError, status, closeLine)
}

// End implements [Writer]. Nothing stands behind the last line.
func (n *NDJSON) End() error {
	defer n.Close()
	return n.write()
}

// Close implements [Writer].
func (n *NDJSON) Close() { n.over = true }

func (n *NDJSON) write(parts ...[]byte) error {
	return n.response.write(n.contentType(), nil, parts...)
}

func (n *NDJSON) contentType() string {
	if n.Result {
		return "application/json"
	}
	return "application/x-ndjson"
}
