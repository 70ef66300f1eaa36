package schema

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// httpOptions is the number of gatehouse.v1.http among a method's options.
const httpOptions = 51701

// Answer is how a method's answer looks over HTTP, beside its body: what (gatehouse.v1.http) says.
type Answer struct {
	Code     int            // of a success; 0 is 200
	Location []LocationPart // of the Location header; none for none

	// Deprecation and Sunset are the values of these headers, "" for none.
	Deprecation, Sunset string

	// EventID and EventType are the fields of a server-sent event's own; nil for none.
	EventID, EventType FieldPath
}

// LocationPart is a literal piece of a Location, followed by the value of a field unless Field is nil.
type LocationPart struct {
	Text  string
	Field FieldPath
}

// answer reads the method's options.
func (c *compiler) answer(m *Method) Answer {
	at := c.set.Position(m.Descriptor, httpOptions)
	opts, _, err := source.Option[*gatehousev1.HttpOptions](m.Descriptor.Options(), gatehousev1.E_Http)
	if err != nil {
		c.problem(at, "%s: %v", m.FullName(), err)
	}
	complain := func(format string, args ...any) {
		c.problem(at, "%s: (gatehouse.v1.http): %s", m.FullName(), fmt.Sprintf(format, args...))
	}
	a := Answer{Code: int(opts.GetSuccess().GetCode()), Deprecation: deprecation(m, opts)}
	if sunset := opts.GetSunset(); sunset != nil {
		a.Sunset = sunset.AsTime().Format(http.TimeFormat)
	}
	switch a.Code {
	case 0, http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent:
	default:
		complain("a success can not have the code %d; take 200, 201, 202 or 204", a.Code)
	}
	if a.Code != 0 && m.Descriptor.IsStreamingServer() {
		complain("a stream of answers always has the code 200")
	}
	output := m.Descriptor.Output()
	var problem string
	if a.Location, problem = location(output, opts.GetSuccess().GetLocation()); problem != "" {
		complain("location: %s", problem)
	}
	for name, into := range map[string]*FieldPath{opts.GetEvents().GetId(): &a.EventID, opts.GetEvents().GetType(): &a.EventType} {
		if name == "" {
			continue
		}
		if *into, problem = Scalar(output, name); problem != "" {
			complain("events: %s", problem)
		}
	}
	return a
}

// IsRedacted tells whether the values of a field must not be shown to whoever debugs (debug_redact).
func IsRedacted(fd protoreflect.FieldDescriptor) bool {
	opts, ok := fd.Options().(*descriptorpb.FieldOptions)
	return ok && opts.GetDebugRedact()
}

// deprecation is the value of RFC 9745's header: a structured date.
func deprecation(m *Method, opts *gatehousev1.HttpOptions) string {
	if since := opts.GetDeprecated(); since != nil {
		return fmt.Sprintf("@%d", since.GetSeconds())
	}
	if declared, ok := m.Descriptor.Options().(*descriptorpb.MethodOptions); ok && declared.GetDeprecated() {
		return "@0"
	}
	return ""
}

// hole is a field's place in a Location.
var hole = regexp.MustCompile(`\{[^{}]*\}`)

// location takes a Location apart. It returns the problem if there is one.
func location(output protoreflect.MessageDescriptor, template string) ([]LocationPart, string) {
	if template == "" {
		return nil, ""
	}
	if !strings.HasPrefix(template, "/") {
		return nil, fmt.Sprintf("%q does not begin with a slash", template)
	}
	var parts []LocationPart
	rest := 0
	for _, at := range hole.FindAllStringIndex(template, -1) {
		path, problem := Scalar(output, template[at[0]+1:at[1]-1])
		if problem != "" {
			return nil, problem
		}
		parts = append(parts, LocationPart{Text: template[rest:at[0]], Field: path})
		rest = at[1]
	}
	tail := template[rest:]
	if strings.ContainsAny(tail, "{}") {
		return nil, fmt.Sprintf("%q has a brace without its counterpart", template)
	}
	return append(parts, LocationPart{Text: tail}), ""
}

// Scalar follows a dotted name to a field that has a plain text. It returns the problem if there is none.
func Scalar(md protoreflect.MessageDescriptor, name string) (FieldPath, string) {
	var path FieldPath
	for part := range strings.SplitSeq(name, ".") {
		if md == nil {
			return nil, fmt.Sprintf("%s goes on behind field %s, which is no message", name, path[len(path)-1].FullName())
		}
		fd := md.Fields().ByTextName(part)
		switch {
		case fd == nil:
			return nil, noField(md, part)
		case fd.Cardinality() == protoreflect.Repeated:
			return nil, fmt.Sprintf("field %s is repeated; one value is needed", fd.FullName())
		}
		path = append(path, fd)
		md = fd.Message()
	}
	if last := path[len(path)-1]; md != nil && !textual[md.FullName()] {
		return nil, fmt.Sprintf("field %s is a message; name one of its fields, such as %s.%s", last.FullName(), name, firstField(md))
	}
	return path, ""
}
