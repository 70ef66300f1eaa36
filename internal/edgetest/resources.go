package edgetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
)

// Resources serves edgetest.v1.ResourceService. It remembers all requests. Its methods may be called concurrently.
type Resources struct {
	edgetestv1.UnimplementedResourceServiceServer

	// Target is where it listens.
	Target string
	// Hold, if set, is called before each message of a stream but the first, with the call's context.
	Hold func(ctx context.Context) error

	mu       sync.Mutex
	requests []proto.Message
	metadata metadata.MD
	ended    []error // how the contexts of streams were when these ended
}

// StartResources runs the service on a free loopback port until the test ends.
func StartResources(t testing.TB) *Resources {
	t.Helper()
	r := new(Resources)
	r.Target = Serve(t, func(s *grpc.Server) { edgetestv1.RegisterResourceServiceServer(s, r) })
	return r
}

// Requests returns what was received since it was last asked for, and the metadata of the last call.
func (r *Resources) Requests() ([]proto.Message, metadata.MD) {
	r.mu.Lock()
	defer r.mu.Unlock()
	requests, md := r.requests, r.metadata
	r.requests, r.metadata = nil, nil
	return requests, md
}

// Last returns the last request and its metadata, nil if there was none since the last time it was asked for.
func (r *Resources) Last() (proto.Message, metadata.MD) {
	requests, md := r.Requests()
	if len(requests) == 0 {
		return nil, nil
	}
	return requests[len(requests)-1], md
}

// Ended returns how the contexts of the streams that ended were then: nil for one that was still wanted.
func (r *Resources) Ended() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ended)
}

func (r *Resources) remember(ctx context.Context, m proto.Message) {
	md, _ := metadata.FromIncomingContext(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests, r.metadata = append(r.requests, proto.Clone(m)), md
}

func (r *Resources) end(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = append(r.ended, ctx.Err())
}

func (r *Resources) hold(ctx context.Context, i int32) error {
	if i == 0 || r.Hold == nil {
		return nil
	}
	return r.Hold(ctx)
}

func resource(i int32) *edgetestv1.Resource {
	n := strconv.Itoa(int(i))
	return &edgetestv1.Resource{
		Name: "resources/" + n, Etag: "tag-" + n, Title: "title " + n, Labels: map[string]string{"n": n},
		Price:  &edgetestv1.Amount{CurrencyCode: "EUR", Units: int64(i)},
		Prices: []*edgetestv1.Amount{{Units: 1}, {Units: 2}},
	}
}

// GetResource answers with a resource of that name, and with an etag unless the name ends in "untagged".
func (r *Resources) GetResource(ctx context.Context, m *edgetestv1.GetResourceRequest) (*edgetestv1.Resource, error) {
	r.remember(ctx, m)
	answer := resource(1)
	answer.Name = m.GetName()
	if strings.HasSuffix(m.GetName(), "untagged") {
		answer.Etag = ""
	}
	return answer, nil
}

// ListResources answers with page_size resources.
func (r *Resources) ListResources(ctx context.Context, m *edgetestv1.ListResourcesRequest) (*edgetestv1.ListResourcesResponse, error) {
	r.remember(ctx, m)
	list := &edgetestv1.ListResourcesResponse{NextPageToken: "next"}
	for i := range m.GetPageSize() {
		list.Resources = append(list.Resources, resource(i))
	}
	return list, nil
}

// CreateResource answers with the resource.
func (r *Resources) CreateResource(ctx context.Context, m *edgetestv1.CreateResourceRequest) (*edgetestv1.Resource, error) {
	r.remember(ctx, m)
	return m.GetResource(), nil
}

// UpdateResource answers with the request.
func (r *Resources) UpdateResource(ctx context.Context, m *edgetestv1.UpdateResourceRequest) (*edgetestv1.UpdateResourceRequest, error) {
	r.remember(ctx, m)
	return m, nil
}

// DeleteResource answers with nothing.
func (r *Resources) DeleteResource(ctx context.Context, m *edgetestv1.DeleteResourceRequest) (*emptypb.Empty, error) {
	r.remember(ctx, m)
	return new(emptypb.Empty), nil
}

// Answer asks for a status, and for a Location if there is one.
func (r *Resources) Answer(ctx context.Context, m *edgetestv1.AnswerRequest) (*edgetestv1.Resource, error) {
	r.remember(ctx, m)
	md := metadata.Pairs("x-http-code", strconv.Itoa(int(m.GetCode())))
	if m.GetLocation() != "" {
		md.Set("location", m.GetLocation())
	}
	return resource(1), grpc.SetHeader(ctx, md)
}

func failure(text string) error {
	if text == "" {
		return nil
	}
	return status.Error(codes.Aborted, text)
}

// WatchResources sends count resources.
func (r *Resources) WatchResources(m *edgetestv1.WatchResourcesRequest, s grpc.ServerStreamingServer[edgetestv1.Resource]) error {
	r.remember(s.Context(), m)
	defer r.end(s.Context())
	for i := range m.GetCount() {
		if err := r.hold(s.Context(), i); err != nil {
			return err
		}
		if err := s.Send(resource(i)); err != nil {
			return err
		}
	}
	return failure(m.GetFailure())
}

// Export sends count chunks of size bytes.
func (r *Resources) Export(m *edgetestv1.WatchResourcesRequest, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	r.remember(s.Context(), m)
	defer r.end(s.Context())
	chunk := &httpbody.HttpBody{ContentType: "application/x-letters", Data: []byte(strings.Repeat("x", int(m.GetSize())))}
	for i := range m.GetCount() {
		if err := r.hold(s.Context(), i); err != nil {
			return err
		}
		if err := s.Send(chunk); err != nil {
			return err
		}
	}
	return failure(m.GetFailure())
}

// Alphabet is the content of the file that Download sends.
const Alphabet = "abcdefghijklmnopqrstuvwxyz"

// Download sends the alphabet.
func (r *Resources) Download(ctx context.Context, m *emptypb.Empty) (*httpbody.HttpBody, error) {
	r.remember(ctx, m)
	md := metadata.Pairs("content-disposition", `attachment; filename="alphabet.txt"`, "last-modified", "Tue, 01 Sep 2026 12:00:00 GMT")
	return &httpbody.HttpBody{ContentType: "text/plain", Data: []byte(Alphabet)}, grpc.SetHeader(ctx, md)
}

// digest adds up the messages of a file.
type digest struct {
	hash hash.Hash
	file *edgetestv1.SavedFile
}

func newDigest() *digest { return &digest{hash: sha256.New(), file: new(edgetestv1.SavedFile)} }

func (d *digest) add(m *edgetestv1.SaveFileRequest) {
	for _, data := range [][]byte{m.GetContent(), m.GetFile().GetData()} {
		d.hash.Write(data)
		d.file.Size += int64(len(data))
	}
	d.file.Messages++
	d.file.Name += m.GetName()
	d.file.ContentType += m.GetFile().GetContentType()
	if len(m.GetLabels()) > 0 {
		d.file.Labels = m.GetLabels()
	}
}

func (d *digest) sum() *edgetestv1.SavedFile {
	d.file.Sha256 = hex.EncodeToString(d.hash.Sum(nil))
	return d.file
}

// SaveFile answers with what it was sent.
func (r *Resources) SaveFile(ctx context.Context, m *edgetestv1.SaveFileRequest) (*edgetestv1.SavedFile, error) {
	r.remember(ctx, m)
	d := newDigest()
	d.add(m)
	return d.sum(), nil
}

// UploadFile answers with what it was sent. It keeps none of it.
func (r *Resources) UploadFile(s grpc.ClientStreamingServer[edgetestv1.SaveFileRequest, edgetestv1.SavedFile]) error {
	defer r.end(s.Context())
	d := newDigest()
	for {
		if err := r.hold(s.Context(), d.file.Messages); err != nil {
			return err
		}
		m, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return s.SendAndClose(d.sum())
		}
		if err != nil {
			return err
		}
		d.add(m)
	}
}

// Collect answers with the titles; a title "enough" ends the call at once, one that begins with "fail" fails it.
func (r *Resources) Collect(s grpc.ClientStreamingServer[edgetestv1.Resource, edgetestv1.Collected]) error {
	defer r.end(s.Context())
	answer := new(edgetestv1.Collected)
	for {
		m, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return s.SendAndClose(answer)
		}
		if err != nil {
			return err
		}
		r.remember(s.Context(), m)
		answer.Count++
		answer.Titles = append(answer.Titles, m.GetTitle())
		switch {
		case m.GetTitle() == "enough":
			return s.SendAndClose(answer)
		case strings.HasPrefix(m.GetTitle(), "fail"):
			return failure(m.GetTitle())
		}
	}
}

// Talk answers every resource with itself; one whose title begins with "fail" ends the call.
func (r *Resources) Talk(s grpc.BidiStreamingServer[edgetestv1.Resource, edgetestv1.Resource]) error {
	defer r.end(s.Context())
	for {
		m, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r.remember(s.Context(), m)
		if strings.HasPrefix(m.GetTitle(), "fail") {
			return failure(m.GetTitle())
		}
		if err := s.Send(m); err != nil {
			return err
		}
	}
}
