package fault

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
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

// Write sends e as the response: google.rpc.Status in JSON, with the request's id among its details.
func Write(w http.ResponseWriter, e *Error, requestID string) {
	body := e.JSON(requestID)
	h := w.Header()
	maps.Copy(h, e.Header)
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(e.HTTP)
	w.Write(body) //nolint:errcheck // the client that would be told is the one that is gone
}

// JSON is the body that Write sends.
func (e *Error) JSON(requestID string) []byte {
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
		body.Details = append(body.Details, detailJSON(d))
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		panic("fault: an error body is made of plain strings and numbers: " + err.Error())
	}
	return out.Bytes()
}

// detailJSON writes a detail in its JSON form. One of a type that is not linked in keeps its type and its bytes.
func detailJSON(d *anypb.Any) json.RawMessage {
	text, err := protojson.MarshalOptions{Resolver: protoregistry.GlobalTypes}.Marshal(d)
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
