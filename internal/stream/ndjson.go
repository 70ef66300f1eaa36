package stream

import "net/http"

// NDJSON writes a stream of JSON messages as lines. It is for one goroutine.
type NDJSON struct {
	w       http.ResponseWriter
	flusher *http.ResponseController
	started bool
	// Result wraps every message in {"result": …}, as grpc-gateway does.
	Result bool
	line   []byte
}

// NewNDJSON returns a framing for the response. Nothing is sent until the first message.
func NewNDJSON(w http.ResponseWriter) *NDJSON {
	return &NDJSON{w: w, flusher: http.NewResponseController(w)}
}

// Started tells whether the response has begun, so that its status can not be changed any more.
func (n *NDJSON) Started() bool { return n.started }

// Start sends the response's headers. Message does so by itself; a stream without messages needs it.
func (n *NDJSON) Start() error {
	if n.started {
		return nil
	}
	n.started = true
	contentType := "application/x-ndjson"
	if n.Result {
		contentType = "application/json"
	}
	n.w.Header().Set("Content-Type", contentType)
	n.w.Header().Set("X-Content-Type-Options", "nosniff")
	n.w.WriteHeader(http.StatusOK)
	return n.flusher.Flush()
}

// Message writes one JSON message and flushes it.
func (n *NDJSON) Message(json []byte) error {
	if n.Result {
		return n.write(`{"result":`, json, "}\n")
	}
	return n.write("", json, "\n")
}

// Error writes the line that ends a stream which failed.
func (n *NDJSON) Error(status []byte) error { return n.write(`{"error":`, status, "}\n") }

func (n *NDJSON) write(before string, json []byte, after string) error {
	if err := n.Start(); err != nil {
		return err
	}
	n.line = append(append(append(n.line[:0], before...), json...), after...)
	if _, err := n.w.Write(n.line); err != nil {
		return err
	}
	return n.flusher.Flush()
}
