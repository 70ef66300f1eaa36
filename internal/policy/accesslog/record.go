package accesslog

import (
	"cmp"
	"crypto/tls"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"

	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// How many bytes of a value are logged.
const (
	maxURL       = 2 << 10
	maxUserAgent = 512
	maxText      = 256
)

// maxParts is how many parts of an answer are logged.
const maxParts = 64

// Record is a request that has been answered.
type Record struct {
	// Time is when it came.
	Time time.Time
	// Request is what came. Its target and a few of its headers are logged.
	Request *http.Request
	// RequestID names it.
	RequestID string
	// TraceID is that of the trace that the edge made spans in. Without it, it is what a Traceparent header says.
	TraceID string
	// Client is where it came from, as far as that is believed.
	Client netip.Addr
	// Audience is whose view of the API was served.
	Audience string
	// Principal is who called, nil for one who is not known.
	Principal *principal.Principal

	// Template is the route's, "" if none was found.
	Template string
	// RPC is the method's path, /shop.cart.v1.CartService/GetCart, "" for none.
	RPC string
	// Secret are the parameters of the method whose values are secret, beside those that always are.
	Secret *Names
	// SecretPath tells that a variable of the template is secret; the template is logged in place of the path.
	SecretPath bool

	// Status is the response's.
	Status int
	// Code is the call's.
	Code codes.Code
	// Reason is why the edge refused it, "" if it did not.
	Reason string
	// RequestBytes and ResponseBytes are the sizes of the bodies.
	RequestBytes, ResponseBytes int64
	// Total is how long it took, Upstream what of that the upstream did, and Queue how long it waited for its turn.
	Total, Upstream, Queue time.Duration
	// Retries is how often calls of upstreams were made again.
	Retries int
	// Parts are those of a composed answer, in the order in which they ended. Of many, the first are logged.
	Parts []Part
}

// Part is a part of a composed answer.
type Part struct {
	// Name is the part's: cart.
	Name string
	// Code is how it or one of its calls ended.
	Code codes.Code
	// Took is how long it took, with all its calls.
	Took time.Duration
	// Instead is what stands in for a response, "" for nothing.
	Instead string
}

// line is a record as text, and room for making it.
type line struct {
	text, url []byte
}

// write writes a record to the line. A success stands for as many as the rate says.
func (n *line) write(l *Log, r *Record, rate uint64) {
	n.text = r.Time.UTC().Truncate(time.Microsecond).AppendFormat(append(n.text[:0], `{"time":"`...), time.RFC3339Nano)
	n.text = append(n.text, `","level":"INFO","msg":"request"`...)
	n.string("request_id", r.RequestID)
	n.string("trace_id", cmp.Or(r.TraceID, traceID(r.Request.Header)))
	if r.Client.IsValid() {
		var room [64]byte
		n.text = appendString(n.key("client"), r.Client.AppendTo(room[:0]), maxText) // a zone may be any text
	}
	n.string("audience", r.Audience)
	if r.Principal != nil {
		n.string("principal", r.Principal.Subject)
		n.string("issuer", r.Principal.Issuer)
	}
	n.string("method", r.Request.Method)
	n.target(l, r)
	n.string("template", r.Template)
	n.string("rpc", r.RPC)
	n.int("status", int64(r.Status))
	if r.RPC != "" || r.Code != codes.OK {
		n.string("grpc_code", codeName(r.Code))
	}
	n.string("reason", r.Reason)
	n.int("request_bytes", r.RequestBytes)
	n.int("response_bytes", r.ResponseBytes)
	n.text = appendMilliseconds(n.key("total_ms"), r.Total)
	n.some("upstream_ms", r.Upstream)
	n.some("queue_ms", r.Queue)
	if r.Retries > 0 {
		n.int("retries", int64(r.Retries))
	}
	n.parts(r.Parts)
	if agent := r.Request.Header["User-Agent"]; len(agent) > 0 {
		n.text = appendString(n.key("user_agent"), agent[0], maxUserAgent)
	}
	n.string("protocol", r.Request.Proto)
	if r.Request.TLS != nil {
		n.string("tls", tls.VersionName(r.Request.TLS.Version))
	}
	if rate > 1 {
		n.int("sample", int64(rate))
	}
	n.text = append(n.text, "}\n"...)
}

// key begins a field.
func (n *line) key(name string) []byte {
	return append(append(append(n.text, `,"`...), name...), `":`...)
}

func (n *line) string(key, value string) {
	if value != "" {
		n.text = appendString(n.key(key), value, maxText)
	}
}

func (n *line) int(key string, value int64) {
	n.text = strconv.AppendInt(n.key(key), value, 10)
}

func (n *line) some(key string, d time.Duration) {
	if d > 0 {
		n.text = appendMilliseconds(n.key(key), d)
	}
}

// parts appends what became of the parts of an answer.
func (n *line) parts(parts []Part) {
	for i, p := range parts[:min(len(parts), maxParts)] {
		if i == 0 {
			n.text = append(n.key("parts"), '[')
		} else {
			n.text = append(n.text, ',')
		}
		n.text = appendString(append(n.text, `{"part":`...), p.Name, maxText)
		n.string("grpc_code", codeName(p.Code))
		n.text = appendMilliseconds(n.key("ms"), p.Took)
		n.string("instead", p.Instead)
		n.text = append(n.text, '}')
	}
	if len(parts) > 0 {
		n.text = append(n.text, ']')
	}
}

// target appends what was asked for, without what is secret in it.
func (n *line) target(l *Log, r *Record) {
	path, query := split(r.Request.RequestURI)
	s := secrets{l.secret, r.Secret}
	if r.SecretPath && r.Template != "" {
		n.url = append(n.url[:0], r.Template...)
	} else {
		n.url = appendPath(n.url[:0], path, s)
	}
	if !l.noQuery {
		n.url = appendQuery(n.url, query, s)
	}
	n.text = appendString(n.key("url"), n.url, maxURL)
}

// codeName is the name of google.rpc.Code.
func codeName(c codes.Code) string {
	if name, ok := code.Code_name[int32(c)]; ok {
		return name
	}
	return strconv.Itoa(int(c))
}

// traceID is that of a Traceparent header (https://www.w3.org/TR/trace-context), "" if there is none or it is malformed.
func traceID(h http.Header) string {
	const (
		idAt, parentAt, flagsAt, end = 3, 36, 53, 55
		noID, noParent               = "00000000000000000000000000000000", "0000000000000000"
	)
	values := h["Traceparent"]
	if len(values) != 1 || len(values[0]) < end {
		return ""
	}
	v := values[0]
	version, id, parent := v[:2], v[idAt:parentAt-1], v[parentAt:flagsAt-1]
	switch {
	case v[idAt-1] != '-' || v[parentAt-1] != '-' || v[flagsAt-1] != '-',
		!isHex(version) || !isHex(id) || !isHex(parent) || !isHex(v[flagsAt:end]),
		version == "ff" || id == noID || parent == noParent,
		len(v) > end && (version == "00" || v[end] != '-'): // later versions may have more
		return ""
	default:
		return id
	}
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
