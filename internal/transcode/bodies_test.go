package transcode_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// cleaner holds AppendProto of both directions against the protobuf module.
type cleaner struct {
	referee
	codec *transcode.Codec
}

func newCleaner(files *protoregistry.Files) cleaner {
	opts := transcode.Options{OpaqueAny: true, MaxDepth: deep}
	return cleaner{referee{types: dynamicpb.NewTypes(files)}, transcode.NewCodec(files, opts)}
}

// text is a message for comparison. It looks into an Any, whose bytes may differ.
func (c cleaner) text(m proto.Message) string {
	return prototext.MarshalOptions{Resolver: c.types}.Format(m)
}

// known returns what the protobuf module reads, without what is unknown, in an Any too.
func (c cleaner) known(md protoreflect.MessageDescriptor, wire []byte) (m *dynamicpb.Message, err error) {
	defer func() {
		if recover() != nil {
			err = errNoVerdict
		}
	}()
	m = dynamicpb.NewMessage(md)
	if err := (proto.UnmarshalOptions{DiscardUnknown: true, Resolver: c.types}).Unmarshal(wire, m); err != nil {
		return nil, err
	}
	return m, protorange.Range(m, func(at protopath.Values) error {
		if found, ok := at.Index(-1).Value.Interface().(protoreflect.Message); ok && found.Descriptor().FullName() == "google.protobuf.Any" {
			c.cleanAny(found)
		}
		return nil
	})
}

// cleanAny makes an Any hold what is known of its content. One that can not be read is left as it is.
func (c cleaner) cleanAny(m protoreflect.Message) {
	url, value := m.Descriptor().Fields().ByNumber(1), m.Descriptor().Fields().ByNumber(2)
	mt, err := c.types.FindMessageByURL(m.Get(url).String())
	if err != nil || len(m.Get(value).Bytes()) == 0 {
		return
	}
	content, err := c.known(mt.Descriptor(), m.Get(value).Bytes())
	if err != nil {
		return
	}
	if wire, err := proto.Marshal(content); err == nil {
		m.Set(value, protoreflect.ValueOfBytes(wire))
	}
}

func (c cleaner) check(t *testing.T, md protoreflect.MessageDescriptor, wire []byte) {
	t.Helper()
	request := c.codec.Request(transcode.RequestSpec{Message: md, Body: transcode.WholeBody})
	response := c.codec.Response(md, nil)
	want, wantErr := c.known(md, wire)
	if errors.Is(wantErr, errNoVerdict) {
		return
	}
	for what, clean := range map[string]func() ([]byte, error){
		"request":  func() ([]byte, error) { return request.AppendProto(nil, wire, "", nil) },
		"response": func() ([]byte, error) { return response.AppendProto(nil, wire) },
	} {
		out, err := clean()
		switch {
		case wantErr != nil:
			if err == nil && what == "request" {
				t.Fatalf("%s of %s\nwire %x\naccepted\nreferee: %v", what, md.FullName(), wire, wantErr)
			}
			continue
		case err != nil:
			if _, jsonErr := c.toJSON(md, wire); jsonErr == nil { // else it may be an Any whose bytes are none
				t.Fatalf("%s of %s\nwire %x\nrefused: %v", what, md.FullName(), wire, err)
			}
			continue
		}
		got := dynamicpb.NewMessage(md)
		if err := (proto.UnmarshalOptions{Resolver: c.types}).Unmarshal(out, got); err != nil || c.text(got) != c.text(want) {
			t.Fatalf("%s of %s: %v\nwire %x\n%v\n%v", what, md.FullName(), err, wire, got, want)
		}
	}
}

// A body of wire bytes is the same message as to the protobuf module, without what is unknown.
func TestProtobufBodiesMeanWhatTheyMeanToTheProtobufModule(t *testing.T) {
	t.Parallel()
	c := newCleaner(testeeFiles(t))
	for i, name := range testMessages {
		md := messageDescriptor(t, c.types, name)
		for seed := range 300 {
			g := &generator{rand.New(rand.NewPCG(uint64(i), uint64(seed))), c.types}
			c.check(t, md, g.scramble(g.wire(t, md), md, 3))
		}
	}
}

func FuzzAppendProto(f *testing.F) {
	c := newCleaner(testeeFiles(f))
	for i, name := range testMessages {
		g := &generator{rand.New(rand.NewPCG(uint64(i), 5)), c.types}
		f.Add(g.wire(f, messageDescriptor(f, c.types, name)), byte(i))
	}
	f.Fuzz(func(t *testing.T, wire []byte, choice byte) {
		c.check(t, messageDescriptor(t, c.types, testMessages[int(choice)%len(testMessages)]), wire)
	})
}

func TestAnswersThatAreNoMessageAreNoProtobuf(t *testing.T) {
	t.Parallel()
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse())
	for field, want := range map[string]bool{"child": true, "timestamp": true, "text": false, "labels": false, "children": false, "double_value": false} {
		r := codec.Response(everything, fieldPath(t, field)[0])
		if _, err := r.AppendProto(nil, nil); r.SpeaksProto() != want || (err == nil) != want {
			t.Errorf("%s: %v, %v", field, r.SpeaksProto(), err)
		}
	}
}

func TestProtobufHidesWhatJSONHides(t *testing.T) {
	t.Parallel()
	opts := transcode.Options{Visible: func(d protoreflect.Descriptor) bool { return d.FullName() != "edgetest.v1.Child.name" }}
	codec := transcode.NewCodec(protoregistry.GlobalFiles, opts)
	inner, err := anypb.New(&edgetestv1.Child{Name: "secret", Size: 3})
	if err != nil {
		t.Fatal(err)
	}
	wire := wireOf(t, &edgetestv1.Everything{
		Text: "a", Child: &edgetestv1.Child{Name: "secret", Size: 1}, Children: []*edgetestv1.Child{{Name: "secret"}}, Any: inner,
	})
	out, err := codec.Response(everything, nil).AppendProto(nil, wire)
	if err != nil || bytes.Contains(out, []byte("secret")) || !bytes.Contains(out, []byte{0x10, 3}) {
		t.Errorf("%q, %v", out, err)
	}
	in, err := codec.Request(transcode.RequestSpec{Message: everything, Body: transcode.WholeBody}).AppendProto(nil, wire, "", nil)
	if err != nil || !bytes.Equal(in, out) {
		t.Errorf("%q, %v", in, err)
	}
}

func TestProtobufBodiesThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for body, message := range map[string]string{"*": "Everything", "child": "Child"} {
		if _, err := (binding{body: body}).compile(t).AppendProto(nil, []byte{0x0a, 0x05, 'a'}, "", nil); err == nil || !strings.Contains(err.Error(), "the body is no message of type edgetest.v1."+message) {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := (binding{body: "numbers"}).compile(t).AppendProto(nil, []byte{1}, "", nil); err == nil {
		t.Error("a list is no message")
	}
	wire, err := (binding{body: "child"}).compile(t).AppendProto(nil, []byte{0x0a, 0x01, 'a'}, "int32Value=7", nil)
	got := new(edgetestv1.Everything)
	if err != nil || proto.Unmarshal(wire, got) != nil || got.GetChild().GetName() != "a" || got.GetInt32Value() != 7 {
		t.Errorf("%v %v", got, err)
	}
	field := fieldPath(t, "child")[0]
	if out, err := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse()).Response(everything, field).AppendProto(nil, wire); err != nil || string(out) != "\x0a\x01a" {
		t.Errorf("%q %v", out, err)
	}
}

func TestFormsFillWhatTheBodyIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		binding
		form, query, want string
		values            []string
	}{
		{binding{body: "*"}, "text=a+b&numbers=1&numbers=2&labels[k]=v&child.name=c", "", `{"text":"a b","numbers":[1,2],"labels":{"k":"v"},"child":{"name":"c"}}`, nil},
		{binding{body: "child"}, "name=a", "text=q", `{"text":"q","child":{"name":"a"}}`, nil},
		{binding{body: "*", variables: []string{"text"}}, "int32_value=1", "", `{"text":"p","int32Value":1}`, []string{"p"}},
	} {
		wire, err := c.compile(t).AppendForm(nil, c.form, c.query, c.values)
		got := new(edgetestv1.Everything)
		if err != nil || proto.Unmarshal(wire, got) != nil || !proto.Equal(got, parse(t, c.want)) {
			t.Errorf("%s: %v, %v", c.form, got, err)
		}
	}
	for form, want := range map[string]string{"txet=a": `did you mean "text"?`, "text=%zz": "broken percent-encoding", "text=x": "given by the path"} {
		if _, err := (binding{body: "*", variables: []string{"text"}}).compile(t).AppendForm(nil, form, "", []string{"p"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", form, err)
		}
	}
	if _, err := (binding{body: "numbers"}).compile(t).AppendForm(nil, "a=1", "", nil); err == nil {
		t.Error("a list has no fields")
	}
}

func TestPartsFillFieldsOfBytes(t *testing.T) {
	t.Parallel()
	md := (&edgetestv1.SaveFileRequest{}).ProtoReflect().Descriptor()
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse())
	whole := codec.Request(transcode.RequestSpec{Message: md, Body: transcode.WholeBody})
	var wire []byte
	for _, name := range []string{"content", "file"} {
		field, ok := whole.FormField(name)
		if !ok {
			t.Fatalf("%s takes no bytes", name)
		}
		wire = field.Append(wire, "text/x", []byte(name))
	}
	got := new(edgetestv1.SaveFileRequest)
	want := &edgetestv1.SaveFileRequest{Content: []byte("content"), File: &httpbody.HttpBody{ContentType: "text/x", Data: []byte("file")}}
	if err := proto.Unmarshal(wire, got); err != nil || !proto.Equal(got, want) {
		t.Errorf("%v %v", got, err)
	}
	for _, name := range []string{"name", "labels", "labels[a]", "nothing", "", "file.data.x"} {
		if _, ok := whole.FormField(name); ok {
			t.Errorf("%q takes bytes", name)
		}
	}
}

func TestOfAStreamOnlyTheFirstMessageHasTheParameters(t *testing.T) {
	t.Parallel()
	r := (binding{body: "child"}).compile(t)
	for first, want := range map[bool]string{true: `{"text":"q","child":{"name":"a"}}`, false: `{"child":{"name":"a"}}`} {
		wire, err := r.AppendMessage(nil, []byte(`{"name":"a"}`), first, "text=q", nil)
		got := new(edgetestv1.Everything)
		if err != nil || proto.Unmarshal(wire, got) != nil || !proto.Equal(got, parse(t, want)) {
			t.Errorf("%v %v", got, err)
		}
	}
}

func TestPartsAreNamedRelativeToTheBody(t *testing.T) {
	t.Parallel()
	md := (&edgetestv1.SaveFileRequest{}).ProtoReflect().Descriptor()
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse())
	file := codec.Request(transcode.RequestSpec{Message: md, Body: transcode.FieldBody, BodyField: md.Fields().ByName("file")})
	for name, want := range map[string]bool{"data": true, "contentType": false, "content": false, "file.data": false} {
		if _, ok := file.FormField(name); ok != want {
			t.Errorf("%s: %v", name, ok)
		}
	}
	field, _ := file.FormField("data")
	got := new(edgetestv1.SaveFileRequest)
	if err := proto.Unmarshal(field.Append(nil, "text/x", []byte("a")), got); err != nil || string(got.GetFile().GetData()) != "a" {
		t.Errorf("%v %v", got, err)
	}
	bound := codec.Request(transcode.RequestSpec{
		Message: md, Body: transcode.WholeBody, Variables: [][]protoreflect.FieldDescriptor{{md.Fields().ByName("content")}},
	})
	if _, ok := bound.FormField("content"); ok {
		t.Error("a part fills what the path gives")
	}
}
