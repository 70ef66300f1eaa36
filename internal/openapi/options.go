package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// The options of protoc-gen-openapiv2 describe an API in the words of Swagger 2. Who has written them keeps them, under
// three rules. What the edge decides is not theirs to say: the media types of bodies (consumes, produces), the schemes of
// an operation, and the version of Swagger are passed over. What an audience does not see stays hidden though an option
// names it: a field, a value of an enum, a message. And what contradicts the form in which messages are sent, or their
// rules, is a problem.

// gatewayOption is the number of each of them.
const gatewayOption = 1042

// option is an option while it is read.
type option struct {
	*builder
	name string                            // for people: of the option and of what it stands at
	at   func(part string) source.Position // of a part, which is named by a path such as json_schema.format
}

// wrong reports what is wrong with a part of the option.
func (o option) wrong(part, format string, args ...any) {
	o.problem(o.at(part), "%s: %s: %s", o.name, part, fmt.Sprintf(format, args...))
}

// componentName is what the name of a component, or of an operation, is made of.
var componentName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// optionOf reads an option of a declaration. It is nil, or what else is T's zero, where there is none.
func optionOf[T proto.Message](b *builder, d protoreflect.Descriptor, xt protoreflect.ExtensionType) (T, option) {
	value, _, err := source.Option[T](d.Options(), xt)
	if err != nil {
		b.problem(b.api.Set.Position(d, gatewayOption), "%s: %v", d.FullName(), err)
	}
	of := xt.TypeDescriptor().Message()
	return value, option{
		builder: b, name: fmt.Sprintf("%s: %s", d.FullName(), xt.TypeDescriptor().Name()),
		at: func(part string) source.Position { return b.api.Set.Position(d, numbersOf(of, part)...) },
	}
}

// numbersOf turns the names of a path into numbers, as far as they are names of fields.
func numbersOf(md protoreflect.MessageDescriptor, part string) []int32 {
	numbers := []int32{gatewayOption}
	for name := range strings.SplitSeq(part, ".") {
		if md == nil {
			break
		}
		fd := md.Fields().ByName(protoreflect.Name(name))
		if fd == nil {
			break
		}
		numbers = append(numbers, int32(fd.Number()))
		md = fd.Message()
		if fd.IsMap() {
			break // of whose entries no source says where they stand
		}
	}
	return numbers
}

func (b *builder) fieldOption(fd protoreflect.FieldDescriptor) (*options.JSONSchema, option) {
	return optionOf[*options.JSONSchema](b, fd, options.E_Openapiv2Field)
}

func (b *builder) messageOption(md protoreflect.MessageDescriptor) (*options.Schema, option) {
	return optionOf[*options.Schema](b, md, options.E_Openapiv2Schema)
}

func (b *builder) enumOption(ed protoreflect.EnumDescriptor) (*options.EnumSchema, option) {
	return optionOf[*options.EnumSchema](b, ed, options.E_Openapiv2Enum)
}

func (b *builder) operationOption(d protoreflect.MethodDescriptor) (*options.Operation, option) {
	return optionOf[*options.Operation](b, d, options.E_Openapiv2Operation)
}

func (b *builder) tagOption(sd protoreflect.ServiceDescriptor) (*options.Tag, option) {
	return optionOf[*options.Tag](b, sd, options.E_Openapiv2Tag)
}

// textOf is what an option says of a field, a message or an enum, and else its comment.
func (b *builder) textOf(d protoreflect.Descriptor) string {
	var text string
	switch d := d.(type) {
	case protoreflect.FieldDescriptor:
		given, _ := b.fieldOption(d)
		text = given.GetDescription()
	case protoreflect.MessageDescriptor:
		given, _ := b.messageOption(d)
		text = given.GetJsonSchema().GetDescription()
	case protoreflect.EnumDescriptor:
		given, _ := b.enumOption(d)
		text = given.GetDescription()
	}
	if text = prose(text); text != "" {
		return text
	}
	return commentOf(d).all()
}

// docs refers to what can be read elsewhere.
func (o option) docs(part string, given *options.ExternalDocumentation) *ExternalDocs {
	switch {
	case given == nil:
		return nil
	case given.GetUrl() == "":
		o.wrong(part, "it has no url")
		return nil
	}
	return &ExternalDocs{Description: prose(given.GetDescription()), URL: o.url(part+".url", given.GetUrl())}
}

// url makes sure that a page can offer an address as a link: one that runs code is none.
func (o option) url(part, address string) string {
	parsed, err := url.Parse(address)
	if err != nil || !slices.Contains([]string{"", "http", "https", "mailto"}, strings.ToLower(parsed.Scheme)) {
		o.wrong(part, "%q is no address of a page; it begins with https://", address)
		return ""
	}
	return address
}

// extras are the extensions of a part of the document, by name, for maps of protobuf have no order.
func (o option) extras(part string, given map[string]*structpb.Value, taken ...string) Map[any] {
	var extras Map[any]
	for _, name := range slices.Sorted(maps.Keys(given)) {
		switch {
		case !strings.HasPrefix(name, "x-"):
			o.wrong(part, "%q is no name of an extension; it begins with x-", name)
		case slices.Contains(taken, name):
			o.wrong(part, "%q is what the document itself says; take another name", name)
		default:
			extras.Set(name, plain(given[name]))
		}
	}
	return extras
}

// plain is a value as a document holds it, the names in objects sorted.
func plain(v *structpb.Value) any {
	switch kind := v.GetKind().(type) {
	case *structpb.Value_BoolValue:
		return kind.BoolValue
	case *structpb.Value_NumberValue:
		if math.IsNaN(kind.NumberValue) || math.IsInf(kind.NumberValue, 0) {
			return fmt.Sprint(kind.NumberValue) // which is no number of JSON
		}
		return number(kind.NumberValue)
	case *structpb.Value_StringValue:
		return kind.StringValue
	case *structpb.Value_ListValue:
		list := make([]any, 0, len(kind.ListValue.GetValues()))
		for _, value := range kind.ListValue.GetValues() {
			list = append(list, plain(value))
		}
		return list
	case *structpb.Value_StructValue:
		var object Map[any]
		for _, name := range slices.Sorted(maps.Keys(kind.StructValue.GetFields())) {
			object.Set(name, plain(kind.StructValue.GetFields()[name]))
		}
		return object
	default:
		return nil
	}
}

// number is a number as people write it.
func number(v float64) json.Number {
	const enough = 1e15 // above, its digits are not all told
	if math.Abs(v) < enough {
		return json.Number(strconv.FormatFloat(v, 'f', -1, 64))
	}
	return json.Number(strconv.FormatFloat(v, 'g', -1, 64))
}
