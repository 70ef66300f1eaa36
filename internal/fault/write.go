package fault

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"
)

// Format is how the JSON of an error is written.
type Format uint8

const (
	// Brief is google.rpc.Status, its details without their unset fields.
	Brief Format = iota
	// Unpopulated is google.rpc.Status, its details with their unset fields, as grpc-gateway writes them.
	Unpopulated
	// Chunk is Unpopulated within {"error": …}, as grpc-gateway writes the errors of streams.
	Chunk
	// Problem is application/problem+json, RFC 9457.
	Problem
)

func (f Format) contentType() string {
	if f == Problem {
		return "application/problem+json"
	}
	return "application/json"
}

// Write sends e as the response, with the request's id among its details.
func Write(w http.ResponseWriter, e *Error, requestID string, format Format) {
	body := e.JSON(requestID, format)
	if format == Chunk {
		body = fmt.Appendf(nil, "{\"error\":%s}\n", bytes.TrimSpace(body))
	}
	h := w.Header()
	maps.Copy(h, e.Header)
	h.Set("Content-Type", format.contentType())
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(e.HTTP)
	w.Write(body) //nolint:errcheck // the client that would be told is the one that is gone
}

// JSON is the google.rpc.Status, or the problem, that Write sends.
func (e *Error) JSON(requestID string, format Format) []byte {
	if format == Problem {
		return e.problem(requestID)
	}
	body := struct {
		Code    int32             `json:"code"`
		Message string            `json:"message"`
		Details []json.RawMessage `json:"details"`
	}{Code: e.Status.GetCode(), Message: e.Status.GetMessage(), Details: []json.RawMessage{}}
	details := e.Status.GetDetails()
	if requestID != "" {
		details = append(details[:len(details):len(details)], pack([]proto.Message{&errdetails.RequestInfo{RequestId: requestID}})...)
	}
	for _, d := range details {
		body.Details = append(body.Details, detailJSON(d, format))
	}
	return encode(body)
}

func encode(body any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		panic("fault: an error body is made of plain strings and numbers: " + err.Error())
	}
	return out.Bytes()
}

// detailJSON writes a detail in its JSON form. One of a type that is not linked in keeps its type and its bytes.
func detailJSON(d *anypb.Any, format Format) json.RawMessage {
	text, err := protojson.MarshalOptions{Resolver: protoregistry.GlobalTypes, EmitUnpopulated: format != Brief}.Marshal(d)
	if err == nil {
		var compact bytes.Buffer
		if json.Compact(&compact, text) == nil {
			return compact.Bytes()
		}
	}
	opaque, err := json.Marshal(map[string]string{
		"@type": d.GetTypeUrl(), "value": base64.StdEncoding.EncodeToString(d.GetValue()),
	})
	if err != nil {
		panic("fault: strings have a JSON form: " + err.Error())
	}
	return opaque
}

// seconds rounds a delay up to the whole seconds that Retry-After counts in.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64(math.Ceil(max(0, d.Seconds()))), 10)
}
