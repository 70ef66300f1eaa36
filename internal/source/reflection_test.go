package source_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// dial starts a gRPC server and returns a connection to it.
func dial(t *testing.T, register func(*grpc.Server)) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 16)
	server := grpc.NewServer()
	register(server)
	go func() { _ = server.Serve(listener) }() // ends with Stop
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient("passthrough:///zoo", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// servesZoo registers the zoo's service, and health.
func servesZoo(server *grpc.Server) {
	server.RegisterService(&grpc.ServiceDesc{ServiceName: string(zooService), HandlerType: (*any)(nil)}, nil)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
}

func TestReflectionOfBothVersionsGivesTheSame(t *testing.T) {
	t.Parallel()
	zoo := compileZoo(t)
	for name, register := range map[string]func(*grpc.Server){
		"v1": func(server *grpc.Server) {
			reflectionv1.RegisterServerReflectionServer(server, reflection.NewServerV1(reflection.ServerOptions{
				Services: server, DescriptorResolver: zoo.Files,
			}))
		},
		"v1alpha": func(server *grpc.Server) {
			grpc_reflection_v1alpha.RegisterServerReflectionServer(server, reflection.NewServer(reflection.ServerOptions{
				Services: server, DescriptorResolver: zoo.Files,
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, err := source.Reflection(t.Context(), dial(t, func(server *grpc.Server) {
				servesZoo(server)
				register(server)
			}))
			if err != nil {
				t.Fatal(err)
			}
			isWholeZoo(t, set)
			if len(set.Warnings) != 0 {
				t.Errorf("warnings: %v", set.Warnings)
			}
		})
	}
}

// TestHugeServerIsReadWhole has a server of 2,000 services in 2,000 files, in a chain of imports.
func TestHugeServerIsReadWhole(t *testing.T) {
	t.Parallel()
	const count = 2000
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("huge.S%d", i)
	}
	file := func(i int) []byte {
		message := fmt.Sprintf("M%d", i)
		file := &descriptorpb.FileDescriptorProto{
			Name: proto.String(fmt.Sprintf("huge/%d.proto", i)), Package: proto.String("huge"),
			MessageType: []*descriptorpb.DescriptorProto{{Name: &message}},
			Service: []*descriptorpb.ServiceDescriptorProto{{
				Name: proto.String(fmt.Sprintf("S%d", i)),
				Method: []*descriptorpb.MethodDescriptorProto{{
					Name: proto.String("Do"), InputType: proto.String(".huge." + message), OutputType: proto.String(".huge." + message),
				}},
			}},
		}
		if i > 0 {
			file.Dependency = []string{fmt.Sprintf("huge/%d.proto", i-1)}
		}
		return wireOf(file)
	}
	set, err := source.Reflection(t.Context(), dial(t, serves(
		func(request *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse {
			var i int
			if _, err := fmt.Sscanf(request.GetFileContainingSymbol(), "huge.S%d", &i); err != nil {
				return lists(names...)
			}
			return tells(file(i))
		})))
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Services) != count || set.Files.NumFiles() != count {
		t.Errorf("got %d services in %d files, want %d each", len(set.Services), set.Files.NumFiles(), count)
	}
}

func TestServerWithoutReflectionIsTold(t *testing.T) {
	t.Parallel()
	_, err := source.Reflection(t.Context(), dial(t, servesZoo))
	if err == nil || !strings.Contains(err.Error(), "it has no reflection service") {
		t.Errorf("got %v", err)
	}
}

func TestReflectionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	conn := dial(t, serves(func(*reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse { return nil }))
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := fmt.Errorf("closing time")
	go cancel(reason)
	if _, err := source.Reflection(ctx, conn); err == nil || !strings.Contains(err.Error(), reason.Error()) {
		t.Errorf("got %v, want %v in it", err, reason)
	}
}

// A teller is a reflection service that says what a test wants it to. It is silent where the answer is nil.
type teller struct {
	reflectionv1.UnimplementedServerReflectionServer
	answer func(*reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse
}

func (s teller) ServerReflectionInfo(stream reflectionv1.ServerReflection_ServerReflectionInfoServer) error {
	for {
		request, err := stream.Recv()
		if err != nil {
			return err
		}
		response := s.answer(request)
		if response == nil {
			<-stream.Context().Done()
			return stream.Context().Err()
		}
		if err := stream.Send(response); err != nil {
			return err
		}
	}
}

func serves(answer func(*reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse) func(*grpc.Server) {
	return func(server *grpc.Server) {
		reflectionv1.RegisterServerReflectionServer(server, teller{answer: answer})
	}
}

func lists(names ...string) *reflectionv1.ServerReflectionResponse {
	list := new(reflectionv1.ListServiceResponse)
	for _, name := range names {
		list.Service = append(list.Service, &reflectionv1.ServiceResponse{Name: name})
	}
	return &reflectionv1.ServerReflectionResponse{
		MessageResponse: &reflectionv1.ServerReflectionResponse_ListServicesResponse{ListServicesResponse: list},
	}
}

func refuses() *reflectionv1.ServerReflectionResponse {
	return &reflectionv1.ServerReflectionResponse{
		MessageResponse: &reflectionv1.ServerReflectionResponse_ErrorResponse{ErrorResponse: &reflectionv1.ErrorResponse{
			ErrorCode: int32(codes.NotFound), ErrorMessage: "never heard of it",
		}},
	}
}

func tells(files ...[]byte) *reflectionv1.ServerReflectionResponse {
	return &reflectionv1.ServerReflectionResponse{
		MessageResponse: &reflectionv1.ServerReflectionResponse_FileDescriptorResponse{
			FileDescriptorResponse: &reflectionv1.FileDescriptorResponse{FileDescriptorProto: files},
		},
	}
}

func wireOf(file *descriptorpb.FileDescriptorProto) []byte {
	wire, err := proto.Marshal(file)
	if err != nil {
		panic(err) // a descriptor made by a test is always writable
	}
	return wire
}

// registeredFlat is the zoo as a server has it whose code was generated inside each folder: every file registered by
// its base name, while imports keep the paths they were written with.
func registeredFlat(t *testing.T) func(*reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse {
	t.Helper()
	byName, bySymbol := make(map[string][]byte), make(map[string][]byte)
	for _, file := range imageOf(compileZoo(t)).GetFile() {
		if !strings.HasPrefix(file.GetName(), "zoo/v1/") {
			continue
		}
		flat := proto.CloneOf(file)
		flat.Name = proto.String(strings.TrimPrefix(file.GetName(), "zoo/v1/"))
		byName[flat.GetName()] = wireOf(flat)
		for _, message := range file.GetMessageType() {
			bySymbol[file.GetPackage()+"."+message.GetName()] = byName[flat.GetName()]
		}
		for _, service := range file.GetService() {
			bySymbol[file.GetPackage()+"."+service.GetName()] = byName[flat.GetName()]
		}
	}
	return func(request *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse {
		switch request.GetMessageRequest().(type) {
		case *reflectionv1.ServerReflectionRequest_ListServices:
			return lists(string(zooService), "zoo.v1.Ghost")
		case *reflectionv1.ServerReflectionRequest_FileByFilename:
			if wire, ok := byName[request.GetFileByFilename()]; ok {
				return tells(wire)
			}
		case *reflectionv1.ServerReflectionRequest_FileContainingSymbol:
			if wire, ok := bySymbol[request.GetFileContainingSymbol()]; ok {
				return tells(wire, wire)
			}
		}
		return refuses()
	}
}

func TestImportsUnderOtherNamesAreFoundByWhatTheyDeclare(t *testing.T) {
	t.Parallel()
	set, err := source.Reflection(t.Context(), dial(t, serves(registeredFlat(t))))
	if err != nil {
		t.Fatal(err)
	}
	if want := []protoreflect.FullName{zooService}; !slices.Equal(set.Services, want) {
		t.Errorf("services: got %v, want %v", set.Services, want)
	}
	if len(set.Warnings) != 1 || !strings.Contains(set.Warnings[0].Error(), "zoo.v1.Ghost: the server lists this service, but does not describe it") {
		t.Errorf("warnings: %v", set.Warnings)
	}
	service, err := set.Service(zooService)
	if err != nil {
		t.Fatal(err)
	}
	if got := service.Methods().Get(0).Output().ParentFile().Path(); got != "animal.proto" {
		t.Errorf("Animal comes from %q", got)
	}
}

func TestLyingServersAreToldApart(t *testing.T) {
	t.Parallel()
	empty := wireOf(&descriptorpb.FileDescriptorProto{Name: proto.String("empty.proto")})
	nameless := wireOf(&descriptorpb.FileDescriptorProto{Package: proto.String("x")})
	dangling := wireOf(&descriptorpb.FileDescriptorProto{
		Name: proto.String("x.proto"), Package: proto.String("x"), Dependency: []string{"gone.proto"},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("S"), Method: []*descriptorpb.MethodDescriptorProto{
			{Name: proto.String("M"), InputType: proto.String(".x.Gone"), OutputType: proto.String(".x.Gone")},
		}}},
	})
	for name, c := range map[string]struct {
		answer func(n int, request *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse
		want   string
	}{
		"files where services were asked for": {always(tells(empty)), "asked for its services, the server answers with"},
		"services where files were asked for": {always(lists("x.S")), "the server answers with none"},
		"no services":                         {always(lists("grpc.health.v1.Health")), "lists no services of its own"},
		"too many services":                   {always(lists(make([]string, 3000)...)), "lists 3000 services"},
		"none it lists":                       {thenAlways(refuses()), "x.S: the server lists this service, but does not describe it"},
		"another file":                        {thenAlways(tells(empty)), "x.S: the server lists this service, but its file does not declare it"},
		"bytes that are no file":              {thenAlways(tells([]byte{0xff})), "answers with something else"},
		"a file without a name":               {thenAlways(tells(nameless)), "one that has no name"},
		"a file whose import is gone": {
			func(n int, _ *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse {
				return []*reflectionv1.ServerReflectionResponse{lists("x.S"), tells(dangling), refuses()}[min(n, 2)]
			}, `x.proto: imports "gone.proto", which is missing: the server neither knows it`,
		},
		"files without end": {
			func(n int, _ *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse {
				if n == 0 {
					return lists("x.S")
				}
				return tells(wireOf(&descriptorpb.FileDescriptorProto{
					Name: proto.String(fmt.Sprintf("%d.proto", n)), Dependency: []string{fmt.Sprintf("%d.proto", n+1)},
				}))
			}, "the server tells of more than 5000 files",
		},
		"bytes without end": {
			func(n int, _ *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse {
				if n == 0 {
					return lists("x.S")
				}
				return tells(wireOf(&descriptorpb.FileDescriptorProto{
					Name: proto.String(fmt.Sprintf("%d.proto", n)), Dependency: []string{fmt.Sprintf("%d.proto", n+1)},
					Package: proto.String(strings.Repeat("x", 8<<20)),
				}))
			}, "the server tells more than 64 MiB",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := -1
			_, err := source.Reflection(t.Context(), dial(t, serves(
				func(request *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse {
					n++
					return c.answer(n, request)
				})))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

type answering = func(int, *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse

func always(response *reflectionv1.ServerReflectionResponse) answering {
	return func(int, *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse {
		return response
	}
}

// thenAlways lists x.S, and then gives the same answer to everything.
func thenAlways(response *reflectionv1.ServerReflectionResponse) answering {
	return func(n int, _ *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse {
		if n == 0 {
			return lists("x.S")
		}
		return response
	}
}

func TestAServerThatIsNotThereIsToldInTheWordsOfTheSystem(t *testing.T) {
	t.Parallel()
	lis, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := lis.Addr().String()
	if err := lis.Close(); err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = source.Reflection(t.Context(), conn)
	if want := "by reflection: dial tcp " + address; err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "rpc error") {
		t.Errorf("got %v, want %q in it", err, want)
	}
	if status.Code(err) != codes.Unavailable {
		t.Errorf("got %v, want the status to be kept", status.Code(err))
	}
}
