package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/internal/shop"
	"github.com/gatehouse-edge/gatehouse/server"
)

// version is what stands behind the public methods of orders.
type version struct {
	protos   string   // the folder that has their file
	services []string // those that are called
}

const ordersProto = "shop/orders/v1/orders_service.proto"

var (
	firstVersion  = version{"../proto", []string{"shop.orders.v1.OrdersService"}}
	secondVersion = version{"../examples/split", []string{"shop.ordering.v1.OrderingService", "shop.shipping.v1.ShippingService"}}
)

// split is a shop that can be served in both versions, and an edge in front of it.
type split struct {
	doorkeeper
	edge   *server.Edge
	protos string
	stop   map[string]func()
	calls  map[string]*atomic.Int64 // that were answered, by the service
}

// startSplit runs services of the shop, each on its own, behind an edge that serves the first version.
func startSplit(t *testing.T, step time.Duration, services ...string) *split {
	t.Helper()
	s := &split{protos: t.TempDir(), stop: map[string]func(){}, calls: map[string]*atomic.Int64{}}
	if err := os.CopyFS(filepath.Join(s.protos, "shop"), os.DirFS("../proto/shop")); err != nil {
		t.Fatal(err)
	}
	s.cfg = &configv1.Config{Sources: []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: s.protos}}}}
	targets := map[string]string{}
	for _, name := range services {
		running, err := shop.Start(t.Context(), shop.Config{
			Services: []string{name}, OrderStep: step, ShippingTarget: targets["shipping"], OrdersTarget: targets["orders"], OrderingTarget: targets["ordering"],
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(running.Stop)
		service := shop.FullName(name)
		targets[name], s.stop[name], s.calls[service] = running.Targets()[service], running.Stop, new(atomic.Int64)
		s.cfg.Upstreams = append(s.cfg.Upstreams, &configv1.Upstream{Target: targets[name], Services: []string{service}})
	}
	s.tokens = guard(t, s.cfg)
	var err error
	s.edge, err = server.New(t.Context(), s.cfg, server.WithLogger(slog.New(slog.DiscardHandler)), server.WithStdout(io.Discard),
		server.WithDialOptions(grpc.WithUnaryInterceptor(s.countUnary), grpc.WithStreamInterceptor(s.countStream)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.edge.Close() }) //nolint:errcheck // nothing is in flight
	s.url = edgetest.Front(t, s.edge.Handler())
	return s
}

func (s *split) count(method string) {
	s.calls[strings.Split(method, "/")[1]].Add(1)
}

func (s *split) countUnary(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, call grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	s.count(method)
	return call(ctx, method, req, reply, conn, opts...)
}

func (s *split) countStream(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	s.count(method)
	return open(ctx, desc, conn, method, opts...)
}

// called tells how often the services of a version have been called.
func (s *split) called(v version) (calls int64) {
	for _, service := range v.services {
		calls += s.calls[service].Load()
	}
	return calls
}

// swap puts a version in the place of the other, as an operator does: the file, then SIGHUP.
func (s *split) swap(t *testing.T, to version) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(to.protos, ordersProto))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.protos, ordersProto), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.edge.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// question is what is asked again and again.
type question struct {
	caller, method, path, body string
	header                     []string
}

// ask returns all that may be compared of an answer: not when it came.
func (s *split) ask(ctx context.Context, q question) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, q.method, s.url+q.path, strings.NewReader(q.body))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("X-Request-Id", "asked-again")
	if token := s.tokens[q.caller]; token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(q.header); i += 2 {
		req.Header.Set(q.header[i], q.header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	res.Header.Del("Date")
	return reply{res.StatusCode, res.Header, string(text)}, err
}

// publicQuestions are of all public routes of orders, in all forms, with what they are to be answered with.
func publicQuestions() map[int][]question {
	get := func(caller, path string, header ...string) question { return question{caller, "GET", path, "", header} }
	return map[int][]question{
		http.StatusOK: {
			get("customer", "/v1/orders/o-100001"), get("customer", "/v1/orders/o-100001", "Accept", "application/protobuf"), get("admin", "/v1/orders/o-100005"), get("admin", "/v1/orders/o-100060"),
			get("customer", "/v1/orders/o-100001?fields=id,parcels.trackingCode"), get("customer", "/v1/orders/o-100001?fields=status"),
			get("customer", "/v1/orders/o-100001?fields=shipTo.city"), {"customer", "HEAD", "/v1/orders/o-100001", "", nil},
			get("customer", "/v1/orders?customerId=c-1001"), get("customer", "/v1/customers/c-1001/orders?pageSize=2"),
			get("admin", "/v1/orders?pageSize=40"), get("admin", "/v1/orders?statuses=ORDER_STATUS_CANCELLED"),
			get("admin", "/v1/customers/c-1002/orders?fields=orders.id,nextPageToken&pageSize=3"),
			get("admin", "/v1/customers/c-9999/orders"),
			get("customer", "/v1/orders/o-100001:watch"), get("customer", "/v1/orders/o-100001:watch?afterSequence=1"),
			get("customer", "/v1/orders/o-100001:watch?afterSequence=1", "Accept", "text/event-stream"),
			get("customer", "/v1/orders/o-100001:watch", "Accept", "text/event-stream", "Last-Event-Id", "3"),
			get("admin", "/v1/orders/o-100005:watch?afterSequence=1", "Accept", "application/json"),
		},
		http.StatusBadRequest: {
			get("customer", "/v1/orders/saucepan"), get("customer", "/v1/orders/o-1?colour=red"), get("admin", "/v1/orders?pageSize=101"),
			get("admin", "/v1/orders?pageToken=nonsense"), {"customer", "POST", "/v1/orders/o-100001:cancel", `{"reason":"too large"}`, nil},
			{"customer", "POST", "/v1/orders/o-100001:cancel", `{"raeson":"too large"}`, nil}, get("customer", "/v1/orders/o-100001:watch?maxWait=-1s"),
		},
		http.StatusUnauthorized: {get("", "/v1/orders/o-100001"), get("", "/v1/orders/o-100001:watch")},
		http.StatusForbidden:    {get("customer", "/v1/orders"), get("customer", "/v1/customers/c-1002/orders"), get("partner", "/v1/customers/c-1001/orders")},
		http.StatusNotFound: {
			get("customer", "/v1/orders/o-999999"), get("customer", "/v1/orders/o-100002"), get("customer", "/v1/orders/o-100002:watch"),
			{"customer", "POST", "/v1/orders/o-100002:cancel", `{}`, nil}, get("customer", "/v1/orders/o-1/o-2"),
		},
		http.StatusMethodNotAllowed: {{"customer", "DELETE", "/v1/orders/o-100001", "", nil}},
	}
}

// answered is a question and its answer in the first version.
type answered struct {
	question
	want reply
}

// record asks all questions once, those included that the answers lead to: is it still the same, and what comes next.
func (s *split) record(t *testing.T) []answered {
	t.Helper()
	var all []answered
	record := func(status int, q question) reply {
		got, err := s.ask(t.Context(), q)
		if err != nil || got.status != status {
			t.Fatalf("%s %s: %d %s, %v", q.method, q.path, got.status, got.body, err)
		}
		all = append(all, answered{q, got})
		return got
	}
	for status, questions := range publicQuestions() {
		for _, q := range questions {
			got := record(status, q)
			if tag := got.header.Get("ETag"); tag != "" && q.method == "GET" && status == http.StatusOK {
				record(http.StatusNotModified, question{q.caller, "GET", q.path, "", slices.Concat(q.header, []string{"If-None-Match", tag})})
			}
			var page struct{ NextPageToken string }
			for json.Unmarshal([]byte(got.body), &page) == nil && page.NextPageToken != "" && q.method == "GET" {
				next := q.path + "&pageToken=" + page.NextPageToken
				page.NextPageToken = ""
				got = record(status, question{q.caller, "GET", next, "", nil})
			}
		}
	}
	return all
}

// load asks for ever, and counts what each client has asked.
type load struct {
	questions int
	asked     []atomic.Int64 // by client
	wrong     atomic.Int64
	stop      context.CancelFunc
	done      sync.WaitGroup
}

func (s *split) load(t *testing.T, clients int, all []answered) *load {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	l := &load{questions: len(all), asked: make([]atomic.Int64, clients), stop: stop}
	for client := range clients {
		l.done.Go(func() {
			for i := client * len(all) / clients; ctx.Err() == nil; i++ {
				a := all[i%len(all)]
				got, err := s.ask(context.WithoutCancel(ctx), a.question) // one that has begun is heard to its end
				l.asked[client].Add(1)
				if (err != nil || !reflect.DeepEqual(got, a.want)) && l.wrong.Add(1) < 10 {
					t.Errorf("%s %s %v: %v\n got %d %v %s\nwant %d %v %s", a.method, a.path, a.header, err, got.status, got.header, got.body, a.want.status, a.want.header, a.want.body)
				}
			}
		})
	}
	return l
}

// more waits until each client has begun so many more questions, and has their answers.
func (l *load) more(t *testing.T, questions int) {
	t.Helper()
	before := make([]int64, len(l.asked))
	for i := range l.asked {
		before[i] = l.asked[i].Load()
	}
	until(t, "the clients are answered", func() bool {
		for i := range l.asked {
			if l.asked[i].Load() < before[i]+1+int64(questions) { // one had begun before
				return false
			}
		}
		return true
	})
}

// documents are those of all audiences.
func (s *split) documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, audience := range []string{"public", "partner", "internal"} {
		text, err := s.edge.Document(server.DocumentOptions{Audience: audience})
		if err != nil {
			t.Fatal(err)
		}
		all[audience] = string(text)
	}
	return all
}

func TestNoCallerNoticesThatAServiceIsSplitUnderLoad(t *testing.T) {
	t.Parallel()
	s := startSplit(t, 0, "orders", "shipping", "ordering")
	all, documents := s.record(t), s.documents(t)
	if s.called(firstVersion) == 0 || s.called(secondVersion) > 0 {
		t.Fatalf("at first there are %d calls of the first version and %d of the second", s.called(firstVersion), s.called(secondVersion))
	}
	l := s.load(t, 3, all)
	defer func() {
		l.stop()
		l.done.Wait()
	}()
	serves := func(v, other version) {
		t.Helper()
		l.more(t, 0)
		stays, grows := s.called(other), s.called(v)
		l.more(t, l.questions)
		if s.called(other) != stays || s.called(v) == grows {
			t.Errorf("%v are called %d times, and %v %d times", v.services, s.called(v)-grows, other.services, s.called(other)-stays)
		}
	}
	s.swap(t, secondVersion)
	serves(secondVersion, firstVersion)
	if got := s.documents(t); !maps.Equal(got, documents) {
		t.Errorf("the documents have changed: %s", got["public"])
	}
	s.swap(t, firstVersion)
	serves(firstVersion, secondVersion)
	for range 10 { // faster than any client can follow
		s.swap(t, secondVersion)
		s.swap(t, firstVersion)
	}
	s.swap(t, secondVersion)
	serves(secondVersion, firstVersion)
	s.stop["orders"]()
	serves(secondVersion, firstVersion)
	s.swap(t, secondVersion)
	serves(secondVersion, firstVersion)
}

var instant = regexp.MustCompile(`"\d{4}-\d\d-\d\dT[^"]*"`)

// TestAPurchaseIsTheSameInBothVersions buys twice, calls the second order off, and follows the first.
func TestAPurchaseIsTheSameInBothVersions(t *testing.T) {
	t.Parallel()
	const goods = `{"productId":"copper-saucepan","quantity":2,"giftNote":"For you"}`
	const address = `{"customerId":"c-1001","shipTo":{"recipient":"Mira","lines":["Lindenweg 3"],"city":"Berlin","countryCode":"DE"},"invoice":{}}`
	buy := func(name string, step time.Duration, v version, services ...string) (told []string) {
		s := startSplit(t, step, append(services, "cart")...)
		s.swap(t, v)
		tell := func(method, path, body string) {
			got := s.as(t, "customer", method, path, body, "X-Request-Id", "bought")
			told = append(told, fmt.Sprintf("%s %s: %d %s", method, path, got.status, instant.ReplaceAllString(got.body, `"then"`)))
		}
		for range 2 {
			tell("POST", "/v1/carts/c-1001/items", goods)
			tell("POST", "/v1/carts/c-1001:checkout", address)
		}
		if step > time.Minute {
			tell("POST", "/v1/orders/o-100062:cancel", `{"reason":"changed my mind"}`)
			tell("POST", "/v1/orders/o-100062:cancel", `{}`)
			tell("GET", "/v1/orders/o-100062:watch?afterSequence=1", "")
			tell("GET", "/v1/orders/o-100061:watch?maxWait=0.001s", "")
		} else {
			tell("GET", "/v1/orders/o-100061:watch?afterSequence=1", "")
			tell("GET", "/v1/orders/o-100062:watch?afterSequence=4", "")
			tell("POST", "/v1/orders/o-100062:cancel", `{}`)
		}
		tell("GET", "/v1/orders/o-100061", "")
		tell("GET", "/v1/customers/c-1001/orders?pageSize=2", "")
		if s.called(v) == 0 {
			t.Errorf("%s: nobody was called of %v", name, v.services)
		}
		return told
	}
	for name, step := range map[string]time.Duration{"at rest": time.Hour, "on its way": 5 * time.Millisecond} {
		first := buy(name, step, firstVersion, "orders")
		second := buy(name, step, secondVersion, "shipping", "ordering")
		if !slices.Equal(first, second) {
			t.Errorf("%s:\nfirst\n%s\nsecond\n%s", name, strings.Join(first, "\n"), strings.Join(second, "\n"))
		}
		if !strings.Contains(first[1], `200 {"order":{"id":"o-100061"`) || !strings.Contains(first[len(first)-2], `"city":"Berlin"`) {
			t.Errorf("%s: nothing is bought: %s", name, strings.Join(first, "\n"))
		}
	}
}
