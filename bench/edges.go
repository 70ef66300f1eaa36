package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	"github.com/gatehouse-edge/gatehouse/internal/cli"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// The edges, in the order of the table.
const (
	gatehouse   = "gatehouse"
	grpcGateway = "grpc-gateway"
	vanguardGo  = "vanguard"
	floor       = "floor"
	bareCalls   = "calls" // the floor with all that goes along with the edge's calls
)

var edges = []string{gatehouse, grpcGateway, vanguardGo, bareCalls, floor}

// play is the life of a child process: it serves on a free port, whose address is the only line it prints, until it is
// told to end.
func play(role, target, image string) error {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if path := os.Getenv("BENCH_CPUPROFILE"); path != "" && role != theBackend {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	fmt.Println(lis.Addr())
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	failed := make(chan error, 1)
	if role == gatehouse {
		return playGatehouse(lis, target, image, end)
	}
	switch role {
	case "streams":
		go func() { failed <- newStreamBackend().Serve(lis) }()
	case theBackend:
		s, err := newBackend()
		if err != nil {
			return err
		}
		go func() { failed <- s.Serve(lis) }()
	default:
		h, err := newEdge(role, target)
		if err != nil {
			return err
		}
		go func() { failed <- (&http.Server{Handler: h, ReadHeaderTimeout: time.Minute}).Serve(lis) }()
	}
	select {
	case <-end:
		return nil
	case err := <-failed:
		return err
	}
}

// playGatehouse runs the command itself, as anybody would.
func playGatehouse(lis net.Listener, target, image string, end <-chan os.Signal) error {
	address := lis.Addr().String()
	if err := lis.Close(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-end
		cancel()
	}()
	config, err := os.CreateTemp("", "gatehouse-bench-*.yaml")
	if err != nil {
		return err
	}
	defer os.Remove(config.Name()) //nolint:errcheck // it is small, and in a folder for what may be lost
	if _, err := config.WriteString("access_log: {off: true} # the peers write none\n"); err != nil {
		return err
	}
	if err := config.Close(); err != nil {
		return err
	}
	args := []string{"serve", "--config", config.Name(), "--listen", address, "--admin", "off", "--upstream", target}
	if image != "" {
		args = append(args, "--image", image)
	}
	if status := cli.Run(ctx, args, io.Discard, os.Stderr); status != 0 {
		return fmt.Errorf("gatehouse serve ends with %d", status)
	}
	return nil
}

func newEdge(role, target string) (http.Handler, error) {
	switch role {
	case grpcGateway:
		conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return nil, err
		}
		mux := runtime.NewServeMux()
		return mux, edgetestv1.RegisterBenchServiceHandler(context.Background(), mux, conn)
	case vanguardGo:
		return vanguardFor(target, edgetestv1.BenchService_ServiceDesc.ServiceName)
	case floor:
		return newFloor(target)
	case bareCalls:
		return newBareCalls(target)
	default:
		return nil, errors.New("no such role")
	}
}

// newFloor does all that an edge must and translates nothing: it reads the body, calls the backend with prepared bytes,
// and answers with prepared JSON.
func newFloor(target string) (http.Handler, error) {
	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawCodec{})))
	if err != nil {
		return nil, err
	}
	return cannedAnswers(func(r *http.Request, c canned) error {
		return c.atOnce(func() error { return conn.Invoke(r.Context(), c.rpc, c.request, (*[]byte)(nil)) })
	})
}

// newBareCalls is the floor, but calls the backend as the edge does: with its metadata, a deadline, and the answer in hand.
func newBareCalls(target string) (http.Handler, error) {
	backend, err := upstream.Dial(target, upstream.Options{Connections: 1, MaxMessage: 64 << 20, UserAgent: "bench"})
	if err != nil {
		return nil, err
	}
	var headers upstream.Plain
	var requests atomic.Uint64
	return cannedAnswers(func(r *http.Request, c canned) error {
		ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
		defer cancel()
		ctx, err := headers.Outgoing(ctx, r, c.rpc, fmt.Sprintf("%032x", requests.Add(1)))
		if err != nil {
			return err
		}
		return c.atOnce(func() error {
			reply := upstream.NewReply()
			defer reply.Free()
			return backend.Unary(ctx, c.rpc, c.request, reply)
		})
	})
}

// cannedAnswers answers each request with what is prepared for it, once its calls are made.
func cannedAnswers(call func(*http.Request, canned) error) (http.Handler, error) {
	prepared, err := cannedCalls()
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := prepared[callOf(r)]
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			http.Error(w, "body", http.StatusBadRequest)
			return
		}
		if err := call(r, c); err != nil {
			http.Error(w, "backend", http.StatusBadGateway)
			return
		}
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Header()["Content-Length"] = []string{strconv.Itoa(len(c.json))}
		w.Write(c.json) //nolint:errcheck // the load generator would notice
	}), nil
}

func callOf(r *http.Request) string {
	switch {
	case strings.HasPrefix(r.URL.Path, "/bench/v1/screens/"):
		return screenCall
	case strings.HasSuffix(r.URL.Path, ":batchCreate"):
		return "CreateItems"
	case r.Method == http.MethodPost:
		return "CreateItem"
	case strings.HasSuffix(r.URL.Path, "/items"):
		return "ListItems"
	default:
		return "GetItem"
	}
}
