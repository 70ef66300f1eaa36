package source

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// The two versions of the protocol are the same bytes under two names, so the messages of v1 do for both.
var reflectionMethods = []string{
	"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
	"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
}

type (
	question = *grpc_reflection_v1.ServerReflectionRequest
	answer   = *grpc_reflection_v1.ServerReflectionResponse
)

func askServices() question {
	return &grpc_reflection_v1.ServerReflectionRequest{
		MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{ListServices: "*"},
	}
}

func askSymbol(name string) question {
	return &grpc_reflection_v1.ServerReflectionRequest{
		MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: name},
	}
}

func askFile(path string) question {
	return &grpc_reflection_v1.ServerReflectionRequest{
		MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_FileByFilename{FileByFilename: path},
	}
}

// A refusal is the server's own answer that it does not know what it was asked for.
type refusal struct {
	code    codes.Code
	message string
}

func (r *refusal) Error() string { return fmt.Sprintf("the server answers %v: %s", r.code, r.message) }

// A reflectionStream is a conversation with a server, one question at a time.
type reflectionStream struct {
	stream grpc.ClientStream
	bytes  int
	cancel context.CancelFunc
}

// openReflection begins a conversation in the newest version that the server speaks, and returns what it lists.
func openReflection(ctx context.Context, conn grpc.ClientConnInterface) (*reflectionStream, []string, error) {
	var err error
	for _, method := range reflectionMethods {
		var stream *reflectionStream
		var services []string
		if stream, err = newReflectionStream(ctx, conn, method); err == nil {
			services, err = stream.services()
			if err == nil {
				return stream, services, nil
			}
			stream.close()
		}
		if status.Code(err) != codes.Unimplemented {
			return nil, nil, err
		}
	}
	return nil, nil, fmt.Errorf("it has no reflection service: register one there, or load an image of its protos: %w", err)
}

func newReflectionStream(ctx context.Context, conn grpc.ClientConnInterface, method string) (*reflectionStream, error) {
	ctx, cancel := context.WithCancel(ctx)
	desc := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
	stream, err := conn.NewStream(ctx, desc, method, grpc.MaxCallRecvMsgSize(maxReflectedBytes))
	if err != nil {
		cancel()
		return nil, failedCall(err)
	}
	return &reflectionStream{stream: stream, cancel: cancel}, nil
}

func (s *reflectionStream) close() { s.cancel() }

// ask sends one question and waits for its answer.
func (s *reflectionStream) ask(q question) (answer, error) {
	// A failure to send only tells that the stream is over; receiving tells why.
	_ = s.stream.SendMsg(q)
	response := new(grpc_reflection_v1.ServerReflectionResponse)
	if err := s.stream.RecvMsg(response); err != nil {
		return nil, failedCall(err)
	}
	if s.bytes += proto.Size(response); s.bytes > maxReflectedBytes {
		return nil, fmt.Errorf("the server tells more than %d MiB", maxReflectedBytes>>20)
	}
	if refused := response.GetErrorResponse(); refused != nil {
		return nil, &refusal{code: codes.Code(refused.GetErrorCode()), message: refused.GetErrorMessage()}
	}
	return response, nil
}

// callError is a call that failed, in the words of its status alone.
type callError struct{ status *status.Status }

func failedCall(err error) error {
	s, ok := status.FromError(err)
	if !ok {
		return err
	}
	return callError{s}
}

// GRPCStatus lets the status package see the status.
func (e callError) GRPCStatus() *status.Status { return e.status }

// Error implements error. Of a connection that can not be made it is what the system says.
func (e callError) Error() string {
	text := e.status.Message()
	if _, dialing, ok := strings.Cut(text, `"transport: Error while dialing: `); ok {
		return strings.TrimSuffix(dialing, `"`)
	}
	return text
}

func (s *reflectionStream) services() ([]string, error) {
	response, err := s.ask(askServices())
	if err != nil {
		return nil, err
	}
	list := response.GetListServicesResponse()
	if list == nil {
		return nil, fmt.Errorf("asked for its services, the server answers with %T", response.GetMessageResponse())
	}
	if len(list.GetService()) > maxReflectedServices {
		return nil, fmt.Errorf("the server lists %d services, and %d is the limit", len(list.GetService()), maxReflectedServices)
	}
	names := make([]string, len(list.GetService()))
	for i, service := range list.GetService() {
		names[i] = service.GetName()
	}
	return names, nil
}

func (s *reflectionStream) files(q question) ([]*descriptorpb.FileDescriptorProto, error) {
	response, err := s.ask(q)
	if err != nil {
		return nil, err
	}
	wires := response.GetFileDescriptorResponse().GetFileDescriptorProto()
	if len(wires) == 0 {
		return nil, fmt.Errorf("asked for files (%v), the server answers with none", q)
	}
	files := make([]*descriptorpb.FileDescriptorProto, len(wires))
	for i, wire := range wires {
		files[i] = new(descriptorpb.FileDescriptorProto)
		if err := proto.Unmarshal(wire, files[i]); err != nil {
			return nil, fmt.Errorf("asked for files (%v), the server answers with something else: %s", q, plain(err))
		}
		if files[i].GetName() == "" {
			return nil, fmt.Errorf("asked for files (%v), the server answers with one that has no name", q)
		}
	}
	return files, nil
}
