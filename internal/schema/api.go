package schema

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/httprule"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// API is what one set of descriptors offers over HTTP. It is immutable.
type API struct {
	Set      *source.Set
	Services []*Service // in the set's order
}

// Service is one gRPC service.
type Service struct {
	Descriptor protoreflect.ServiceDescriptor
	Methods    []*Method // those that HTTP reaches, in source order
}

// Method is one gRPC method with the ways in which HTTP reaches it.
type Method struct {
	Service    *Service
	Descriptor protoreflect.MethodDescriptor
	Position   source.Position
	Bindings   []*Binding // at least one
	Answer     Answer
	Policy     *gatehousev1.Policy // what the protos say, the method's over the service's; never nil
	PolicyAt   source.Position     // where it says so
}

// FullName is the method's name in protos: shop.cart.v1.CartService.GetCart.
func (m *Method) FullName() string { return string(m.Descriptor.FullName()) }

// Path is the method's name on the wire: /shop.cart.v1.CartService/GetCart.
func (m *Method) Path() string {
	return "/" + string(m.Service.Descriptor.FullName()) + "/" + string(m.Descriptor.Name())
}

// Body says what of the request message an HTTP body holds.
type Body uint8

const (
	// NoBody: the rule names no body.
	NoBody Body = iota
	// WholeBody: body: "*".
	WholeBody
	// FieldBody: body names a field.
	FieldBody
)

// FieldPath is a field within a message, given by the fields that lead to it.
type FieldPath = []protoreflect.FieldDescriptor

// Binding is one HTTP method and path template for a method.
type Binding struct {
	Method     *Method
	HTTPMethod string // GET, …; a token of a custom rule; * for any
	Template   httprule.Template
	Variables  []FieldPath // of the template, in its order
	Body       Body
	BodyField  protoreflect.FieldDescriptor // with FieldBody
	Response   protoreflect.FieldDescriptor // response_body; nil for the whole message
	Position   source.Position
}
