package corpus

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"

	_ "google.golang.org/genproto/googleapis/rpc/errdetails" // the details of errors

	_ "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1" // the services of the corpus
)

// upstream is the call that the upstream must get, and what it answers.
type upstream struct {
	method   protoreflect.MethodDescriptor
	rpc      string // /edgetest.v1.ResourceService/GetResource
	metadata []wanted
	within   time.Duration // in which the call must have its deadline; 0: it does not matter
	requests []proto.Message
	reply    reply
}

// reply is what the upstream answers.
type reply struct {
	header, trailer metadata.MD
	messages        []proto.Message
	status          *spb.Status // nil: OK
	hangs           bool
}

func parseUpstream(call, answer part) (*upstream, error) {
	switch {
	case len(call.lines) == 0 && len(answer.lines) == 0:
		return nil, nil
	case len(call.lines) == 0:
		return nil, answer.errorAt(answer.lines[0], "an upstream that is not called can not answer")
	case len(answer.lines) == 0:
		return nil, call.errorAt(call.lines[0], "the upstream is called and does not answer")
	}
	u, err := parseCall(call)
	if err != nil {
		return nil, err
	}
	if u.reply, err = parseReply(answer, u.method); err != nil {
		return nil, err
	}
	if r := &u.reply; !u.method.IsStreamingServer() && r.status == nil && !r.hangs && len(r.messages) != 1 {
		return nil, answer.errorAt(answer.lines[0], "%s answers with one message, not %d", call.lines[0].text, len(r.messages))
	}
	return u, nil
}

func parseCall(p part) (*upstream, error) {
	first := p.lines[0]
	u := &upstream{rpc: "/" + first.text, method: methodOf("/" + first.text)}
	if u.method == nil {
		return nil, p.errorAt(first, "there is no RPC %q", first.text)
	}
	rest := p.lines[1:]
	for ; len(rest) > 0 && !strings.HasPrefix(rest[0].text, "{"); rest = rest[1:] {
		if err := u.parseCondition(p, rest[0]); err != nil {
			return nil, err
		}
	}
	var err error
	u.requests, err = p.messages(rest, u.method.Input())
	if err == nil && !u.method.IsStreamingClient() && len(u.requests) != 1 {
		err = p.errorAt(first, "%s takes one message, not %d", first.text, len(u.requests))
	}
	return u, err
}

// parseCondition reads what must be true of a call beside its messages.
func (u *upstream) parseCondition(p part, l line) (err error) {
	text, ok := strings.CutPrefix(l.text, "within ")
	if !ok {
		u.metadata, err = p.want(u.metadata, l)
		return err
	}
	if u.within, err = time.ParseDuration(text); err != nil {
		return p.errorAt(l, "%v", err)
	}
	return nil
}

func (u *upstream) hangs() bool { return u != nil && u.reply.hangs }

// methodOf finds a method by its path; nil if there is none.
func methodOf(path string) protoreflect.MethodDescriptor {
	name := strings.Replace(strings.TrimPrefix(path, "/"), "/", ".", 1)
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil
	}
	method, _ := d.(protoreflect.MethodDescriptor)
	return method
}

// messages reads lines as the JSON of messages that stand one behind the other.
func (p part) messages(lines []line, md protoreflect.MessageDescriptor) ([]proto.Message, error) {
	var all []proto.Message
	return all, p.values(lines, func(text json.RawMessage) error {
		m := dynamicpb.NewMessage(md)
		all = append(all, m)
		return protojson.Unmarshal(text, m)
	})
}

// values calls take with each of the JSON values that stand one behind the other. Its errors name the line in which a
// value ends.
func (p part) values(lines []line, take func(json.RawMessage) error) error {
	text := strings.Join(texts(lines), "\n")
	d := json.NewDecoder(strings.NewReader(text))
	for {
		var value json.RawMessage
		err := d.Decode(&value)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = take(value)
		}
		if err != nil {
			return p.errorAt(lines[strings.Count(text[:d.InputOffset()], "\n")], "%v", err)
		}
	}
}

// message reads the JSON of a message of a type.
func (p part) message(at line, name, text string) (proto.Message, error) {
	t, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(name))
	if err != nil {
		return nil, p.errorAt(at, "%s: %v", name, err)
	}
	m := t.New().Interface()
	if err := protojson.Unmarshal([]byte(text), m); err != nil {
		return nil, p.errorAt(at, "%v", err)
	}
	return m, nil
}

func parseReply(p part, method protoreflect.MethodDescriptor) (reply, error) {
	r := reply{header: metadata.MD{}, trailer: metadata.MD{}}
	for rest := p.lines; len(rest) > 0; {
		size := 1 + sizeOfJSON(rest[1:])
		err := r.parse(p, rest[:size], method)
		if err != nil {
			return r, err
		}
		rest = rest[size:]
	}
	return r, nil
}

// sizeOfJSON is how many lines there are before the next one that begins with a word.
func sizeOfJSON(lines []line) int {
	for i, l := range lines {
		switch word, _, _ := strings.Cut(l.text, " "); word {
		case "header", "trailer", "hang", "wire", "error":
			return i
		}
	}
	return len(lines)
}

// parse reads a line that begins with a word, or JSON, and the JSON behind it.
func (r *reply) parse(p part, lines []line, method protoreflect.MethodDescriptor) (err error) {
	first, rest := lines[0], lines[1:]
	word, text, _ := strings.Cut(first.text, " ")
	switch word {
	case "header":
		err = p.addTo(r.header, first, text)
	case "trailer":
		err = p.addTo(r.trailer, first, text)
	case "hang":
		r.hangs = true
	case "wire":
		err = r.parseWire(p, first, text)
	case "error":
		return r.parseStatus(p, first, text, rest)
	default:
		rest = lines
	}
	if err != nil {
		return err
	}
	messages, err := p.messages(rest, method.Output())
	r.messages = append(r.messages, messages...)
	return err
}

func (p part) addTo(md metadata.MD, l line, text string) error {
	name, value, err := p.field(line{l.number, text})
	md.Append(name, value)
	return err
}

// parseWire reads a message that is these bytes. Fields that nobody knows are sent as they came, so they hold anything.
func (r *reply) parseWire(p part, l line, text string) error {
	wire, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		return p.errorAt(l, "%v", err)
	}
	m := new(emptypb.Empty)
	m.ProtoReflect().SetUnknown(wire)
	r.messages = append(r.messages, m)
	return nil
}

// parseStatus reads CODE and its text, and the details behind them.
func (r *reply) parseStatus(p part, l line, text string, details []line) error {
	name, message, _ := strings.Cut(text, " ")
	var code codes.Code
	if err := code.UnmarshalJSON([]byte(strconv.Quote(name))); err != nil {
		return p.errorAt(l, "%v", err)
	}
	r.status = &spb.Status{Code: int32(code), Message: message}
	return p.values(details, func(text json.RawMessage) error {
		packed, err := parseDetail(text)
		r.status.Details = append(r.status.Details, packed)
		return err
	})
}

// parseDetail reads a google.protobuf.Any. One of a type that is unknown here has its bytes, in base64, as its value.
func parseDetail(text json.RawMessage) (*anypb.Any, error) {
	packed := new(anypb.Any)
	err := protojson.Unmarshal(text, packed)
	if err == nil {
		return packed, nil
	}
	var opaque struct {
		Type  string `json:"@type"`
		Value string `json:"value"`
	}
	if json.Unmarshal(text, &opaque) != nil || opaque.Value == "" {
		return nil, err
	}
	wire, err := base64.StdEncoding.DecodeString(opaque.Value)
	return &anypb.Any{TypeUrl: opaque.Type, Value: wire}, err
}
