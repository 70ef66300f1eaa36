package source

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Types finds message, enum and extension types: the set's own first, then those linked into the binary, so that the
// details of an error are known although no file imports them. A type that the set took from the binary is the
// generated Go type; all others are dynamic. It may be used by any number of goroutines at once, wherever the protobuf
// runtime wants a resolver.
type Types struct {
	files   *protoregistry.Files
	dynamic *dynamicpb.Types
}

func newTypes(files *protoregistry.Files) *Types {
	return &Types{files: files, dynamic: dynamicpb.NewTypes(files)}
}

// FindMessageByName finds a message type by its full name.
func (t *Types) FindMessageByName(name protoreflect.FullName) (protoreflect.MessageType, error) {
	if t.takenFromBinary(name) {
		return protoregistry.GlobalTypes.FindMessageByName(name)
	}
	return t.dynamic.FindMessageByName(name)
}

// FindMessageByURL finds a message type by a type URL, as google.protobuf.Any holds it. Only what follows the last
// slash counts.
func (t *Types) FindMessageByURL(url string) (protoreflect.MessageType, error) {
	return t.FindMessageByName(protoreflect.FullName(url[strings.LastIndexByte(url, '/')+1:]))
}

// FindEnumByName finds an enum type by its full name.
func (t *Types) FindEnumByName(name protoreflect.FullName) (protoreflect.EnumType, error) {
	if t.takenFromBinary(name) {
		return protoregistry.GlobalTypes.FindEnumByName(name)
	}
	return t.dynamic.FindEnumByName(name)
}

// FindExtensionByName finds an extension type by its full name.
func (t *Types) FindExtensionByName(name protoreflect.FullName) (protoreflect.ExtensionType, error) {
	if t.takenFromBinary(name) {
		return protoregistry.GlobalTypes.FindExtensionByName(name)
	}
	return t.dynamic.FindExtensionByName(name)
}

// FindExtensionByNumber finds the extension of a message by its field number.
func (t *Types) FindExtensionByNumber(
	message protoreflect.FullName, number protoreflect.FieldNumber,
) (protoreflect.ExtensionType, error) {
	xt, err := t.dynamic.FindExtensionByNumber(message, number)
	if err != nil {
		return protoregistry.GlobalTypes.FindExtensionByNumber(message, number)
	}
	return t.FindExtensionByName(xt.TypeDescriptor().FullName())
}

// takenFromBinary tells whether a name means the binary's own declaration: because the set took it from there, or
// because the set does not have it.
func (t *Types) takenFromBinary(name protoreflect.FullName) bool {
	own, err := t.files.FindDescriptorByName(name)
	if err != nil {
		return true
	}
	linked, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	return err == nil && linked == own
}
