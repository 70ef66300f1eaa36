package browser_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func TestATokenGoesAlongWithATriedCall(t *testing.T) {
	chrome := chrome(t)
	protos, err := filepath.Abs("testdata/vault")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "gatehouse.yaml")
	text := fmt.Sprintf("admin_address: \"off\"\nlisteners: [{address: \"127.0.0.1:0\"}]\nsources: [{protos: %q}]\nupstreams: [{target: %q}]\n", protos, vault(t))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b := open(chrome, t, serve(t, "--config", config)[0])

	const id = "public/tag/vaultservice/GET/v1/secrets/{name}"
	b.visit("/docs/reference#tag/vaultservice/GET/v1/secrets/{name}")
	b.shows(section(id), "curl")
	b.openCall(section(id))
	b.fill("document.querySelector('[role=dialog] input[type=password], [role=dialog] [placeholder=Token]')", "open-sesame")
	b.fill(value("name"), "recipe")
	b.send("/v1/secrets/recipe")
	b.answered("butter, and more butter")
}

// vault runs a service that tells its secret to those who have the token, and returns its target.
func vault(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", free)
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		md, _ := metadata.FromIncomingContext(stream.Context())
		if !slices.Equal(md.Get("authorization"), []string{"Bearer open-sesame"}) {
			return status.Error(codes.Unauthenticated, "there is no token, or a wrong one")
		}
		if err := stream.RecvMsg(new(emptypb.Empty)); err != nil {
			return err
		}
		return stream.SendMsg(wrapperspb.String("butter, and more butter")) // as a Secret is on the wire
	}))
	go s.Serve(listener) //nolint:errcheck // it ends when the test stops it
	t.Cleanup(s.Stop)
	return listener.Addr().String()
}
