package interop_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/server/v3/embed"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/server"
)

// etcdImage writes the descriptors of etcd's API, as its Go package holds them, to a file.
func etcdImage(t *testing.T) string {
	t.Helper()
	set, seen := &descriptorpb.FileDescriptorSet{}, map[string]bool{}
	var add func(fd protoreflect.FileDescriptor)
	add = func(fd protoreflect.FileDescriptor) {
		if seen[fd.Path()] || fd.IsPlaceholder() {
			return
		}
		seen[fd.Path()] = true
		for i := range fd.Imports().Len() {
			add(fd.Imports().Get(i))
		}
		set.File = append(set.File, protodesc.ToFileDescriptorProto(fd))
	}
	add(etcdserverpb.File_rpc_proto)
	data, err := proto.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "etcd.binpb")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// startEtcd runs one etcd on free loopback ports and returns where its gRPC API is.
func startEtcd(t *testing.T) string {
	t.Helper()
	cfg := embed.NewConfig()
	cfg.Dir = t.TempDir()
	cfg.LogLevel = "error"
	anywhere := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	cfg.ListenClientUrls, cfg.ListenPeerUrls = anywhere, anywhere
	etcd, err := embed.StartEtcd(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(etcd.Close)
	select {
	case <-etcd.Server.ReadyNotify():
	case <-time.After(time.Minute):
		t.Fatal("etcd does not become ready")
	}
	return etcd.Clients[0].Addr().String()
}

func TestEtcdIsServedAsItsAnnotationsSay(t *testing.T) {
	cfg := &configv1.Config{
		Sources:   []*configv1.Source{{Origin: &configv1.Source_Image{Image: etcdImage(t)}}},
		Upstreams: []*configv1.Upstream{{Target: startEtcd(t)}},
	}
	edge, err := server.New(t.Context(), cfg, server.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	defer edge.Close()
	if routes := edge.Routes(); len(routes) < 40 {
		t.Errorf("only %d routes", len(routes))
	}
	front := httptest.NewServer(edge.Handler())
	defer front.Close()

	for _, step := range []struct{ path, body, want string }{
		{"/v3/kv/put", `{"key":"Zm9v","value":"YmFy"}`, `"revision":"2"`},
		{"/v3/kv/range", `{"key":"Zm9v"}`, `"value":"YmFy"`},
		{"/v3/kv/range", `{"key":"Zm9v","sort_order":"DESCEND","countOnly":true}`, `"count":"1"`},
		{"/v3/kv/txn", `{"compare":[{"key":"Zm9v","target":"VALUE","result":"EQUAL","value":"YmFy"}],"success":[{"request_put":{"key":"Zm9v","value":"YmF6"}}]}`, `"succeeded":true`},
		{"/v3/lease/grant", `{"TTL":60}`, `"TTL":"60"`},
		{"/v3/cluster/member/list", `{}`, `"clientURLs":[`},
		{"/v3/maintenance/status", `{}`, `"version":"3.`},
		{"/v3/kv/deleterange", `{"key":"Zm9v"}`, `"deleted":"1"`},
	} {
		status, body := post(t, front.URL+step.path, step.body)
		if status != http.StatusOK || !strings.Contains(body, step.want) || !json.Valid([]byte(body)) {
			t.Errorf("%s %s: %d %s", step.path, step.body, status, body)
		}
	}
	// What etcd refuses comes back as it said it.
	status, body := post(t, front.URL+"/v3/kv/put", `{"value":"YmFy"}`)
	if status != http.StatusBadRequest || !strings.Contains(body, "key is not provided") {
		t.Errorf("%d %s", status, body)
	}
	// A snapshot is a stream.
	status, body = post(t, front.URL+"/v3/maintenance/snapshot", `{}`)
	if lines := strings.Split(strings.TrimSpace(body), "\n"); status != http.StatusOK || !strings.Contains(lines[0], `"blob":"`) {
		t.Errorf("%d, %d lines", status, len(lines))
	}
}

func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}
