package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/server"
)

// variant is what a screen does about its shaky part, by the path that the screen is at.
type variant struct {
	path     string
	required bool
	constant bool // stands in
	lastGood bool // stands in, if there is one, and is not too old
}

var variants = []variant{
	{path: "required", required: true},
	{path: "required-constant", required: true, constant: true},
	{path: "required-last-good", required: true, lastGood: true},
	{path: "required-expired", required: true},
	{path: "optional"},
	{path: "optional-constant", constant: true},
	{path: "optional-last-good", lastGood: true},
	{path: "optional-expired", constant: true}, // in whose place the constant is
}

// failing is a way in which a service fails, and what the edge makes of it.
type failing struct {
	answers manner // nil for how it fails by itself
	code    codes.Code
	reason  string
	status  int  // of the whole, if the part is required
	refusal bool // it says something of the call, and nothing of the service
}

// outOfRange is the first second of the year 10000.
const outOfRange = 253402300800

// malformed fails with a response that is not sound, or has no JSON form.
func malformed(response string) failing {
	return failing{answers: says(response), code: codes.Internal, reason: "UPSTREAM_BAD_MESSAGE", status: http.StatusBadGateway}
}

// told is an error as services give it, with what is for their own people only.
func told(code codes.Code, reason string) error {
	s, err := status.New(code, "out of order").WithDetails(
		&errdetails.ErrorInfo{Reason: reason, Domain: "composed.example.com"}, &errdetails.DebugInfo{Detail: "secret"})
	if err != nil {
		panic(err)
	}
	return s.Err()
}

// never answers when nobody waits any more.
func never(ctx context.Context, _ string) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// maxUpstream is the largest message that the screens' edge takes of a service.
const maxUpstream = 64 << 10

var failings = map[string]failing{
	"slow":                 {answers: never, code: codes.DeadlineExceeded, reason: "UPSTREAM_TIMEOUT", status: http.StatusGatewayTimeout},
	"erroring":             {answers: refuses(told(codes.Unavailable, "OUT_OF_ORDER")), code: codes.Unavailable, reason: "OUT_OF_ORDER", status: http.StatusServiceUnavailable},
	"erroring inside":      {answers: refuses(status.Error(codes.Internal, "out of order")), code: codes.Internal, status: http.StatusInternalServerError},
	"refusing":             {answers: refuses(told(codes.NotFound, "NO_SUCH_THING")), code: codes.NotFound, reason: "NO_SUCH_THING", status: http.StatusNotFound, refusal: true},
	"no protobuf":          malformed("<html>no protobuf</html>"),
	"half a message":       malformed(thing("a", "b")[:5]),
	"no UTF-8":             malformed(thing("a", "\xff\xfe")),
	"a time out of range":  malformed(field(3, number(1, outOfRange))),
	"a span out of range":  malformed(field(4, number(1, 1)+number(2, -1))),
	"a value of no kind":   malformed(field(5, "")),
	"a value not a number": malformed(field(5, "\x11\x00\x00\x00\x00\x00\x00\xf8\x7f")),
	"a malformed Any":      malformed(field(6, field(1, "type.googleapis.com/composed.v1.Thing")+field(2, "\x0a"))),
	"a mask of no names":   malformed(field(7, field(1, "aB"))),
	"nested too deep":      malformed(strings.Repeat("\xa3\x1f", 200) + strings.Repeat("\xa4\x1f", 200)),
	"too large":            malformed(thing("a", strings.Repeat("x", maxUpstream))),
}

// gone is how a service fails that is not there.
var gone = failing{code: codes.Unavailable, reason: "UPSTREAM_UNAVAILABLE", status: http.StatusServiceUnavailable}

// scene is an edge that composes screens of two services.
type scene struct {
	t             *testing.T
	shaky, steady *station
	log           *journal
	url           string
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, shaky: startStation(t, good), steady: startStation(t, good), log: new(journal)}
	s.open(s.shaky.address)
	return s
}

// open runs the edge, for which the shaky service is at an address.
func (s *scene) open(shaky string) {
	s.t.Helper()
	cfg := &configv1.Config{
		Sources: []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "testdata/composed"}}},
		Upstreams: []*configv1.Upstream{
			{Target: shaky, Services: []string{"composed.v1.Shaky"}, Connections: 1}, {Target: s.steady.address, Services: []string{"composed.v1.Steady"}},
		},
		Authentication: &configv1.Authentication{Off: true},
		Limits:         &configv1.Limits{UpstreamMessageBytes: maxUpstream},
	}
	edge, err := server.New(s.t.Context(), cfg, server.WithLogger(slog.New(slog.NewJSONHandler(s.log, nil))), server.WithStdout(io.Discard))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { edge.Close() }) //nolint:errcheck // nothing is in flight
	s.url = edgetest.Front(s.t, edge.Handler())
}

// composedThing is a part of a screen, as a client reads it.
type composedThing struct{ ID, Note string }

// composedScreen is a screen, as a client reads it.
type composedScreen struct {
	Shaky, Steady *composedThing
	Things        []composedThing
	Partial       []struct{ Field, Code, Reason, Instead string }
}

func (s *scene) screen(path string, header ...string) (composedScreen, reply) {
	s.t.Helper()
	got := request(s.t, "GET", s.url+"/v1/"+path, "", header...)
	var screen composedScreen
	if err := json.Unmarshal([]byte(got.body), &screen); err != nil {
		s.t.Fatalf("%s: %v: %s", path, err, got.body)
	}
	return screen, got
}

// whole asks for a screen until nothing of it is missing.
func (s *scene) whole(path string) {
	s.t.Helper()
	until(s.t, path+" is whole", func() bool {
		screen, got := s.screen(path)
		return got.status == http.StatusOK && len(screen.Partial) == 0 && screen.Shaky != nil && screen.Shaky.Note == "good"
	})
}

// check makes sure of all that an answer says when the shaky part has failed. after tells that it has been well before.
func (s *scene) check(v variant, f failing, id string, after bool, got reply) {
	s.t.Helper()
	instead := ""
	switch {
	case v.lastGood && after && !f.refusal:
		instead = "LAST_GOOD"
	case v.constant:
		instead = "CONSTANT"
	case v.required:
		s.checkFailed(f, got)
		return
	}
	var screen composedScreen
	if err := json.Unmarshal([]byte(got.body), &screen); err != nil || got.status != http.StatusOK {
		s.t.Fatalf("%v: %d %s", err, got.status, got.body)
	}
	if screen.Steady == nil || *screen.Steady != (composedThing{id, "good"}) {
		s.t.Errorf("the other part: %s", got.body)
	}
	want := map[string]*composedThing{"": nil, "CONSTANT": {"", "constant"}, "LAST_GOOD": {id, "good"}}[instead]
	if (screen.Shaky == nil) != (want == nil) || want != nil && *screen.Shaky != *want {
		s.t.Errorf("the part is %v, and not %v", screen.Shaky, want)
	}
	header := "shaky;code=" + nameOf(f.code)
	if f.reason != "" {
		header += ";reason=" + f.reason
	}
	said := "INSTEAD_UNSPECIFIED"
	if instead != "" {
		header, said = header+";instead="+instead, "INSTEAD_"+instead
	}
	if len(screen.Partial) != 1 || fmt.Sprint(screen.Partial[0]) != fmt.Sprint(struct{ Field, Code, Reason, Instead string }{"shaky", nameOf(f.code), f.reason, said}) {
		s.t.Errorf("partial: %s", got.body)
	}
	if got.header.Get("Gatehouse-Partial") != header {
		s.t.Errorf("Gatehouse-Partial: %s, and not %s", got.header.Get("Gatehouse-Partial"), header)
	}
	s.checkTold(f, got, "a part failed")
}

// checkFailed makes sure of an answer that is an error.
func (s *scene) checkFailed(f failing, got reply) {
	s.t.Helper()
	checkError(s.t, "the screen", got)
	if got.status != f.status || !strings.Contains(got.body, fmt.Sprintf(`"code":%d,`, f.code)) || !strings.Contains(got.body, `"`+f.reason+`"`) && f.reason != "" {
		s.t.Errorf("%d %s", got.status, got.body)
	}
	if header := got.header.Get("Gatehouse-Partial"); header != "" {
		s.t.Errorf("the header of an error says %s", header)
	}
	s.checkTold(f, got, "a part failed")
}

// checkTold makes sure that the log tells of the part, with the id of the request, and the client nothing of what is inside.
func (s *scene) checkTold(f failing, got reply, line string) {
	s.t.Helper()
	if leak := leaks.FindString(got.body + fmt.Sprint(got.header)); leak != "" {
		s.t.Errorf("the answer holds %q: %v %s", leak, got.header, got.body)
	}
	id := got.header.Get("X-Request-Id")
	for text := range strings.Lines(s.log.String()) {
		var said struct {
			Msg, Part, Code, Cause string
			RequestID              string `json:"request_id"`
		}
		if err := json.Unmarshal([]byte(text), &said); err != nil {
			s.t.Fatalf("%v: %s", err, text)
		}
		if said.Msg == line && said.RequestID == id && said.Part == "shaky" && said.Code == nameOf(f.code) && said.Cause != "" {
			return
		}
	}
	s.t.Errorf("the log says nothing of %s:\n%s", id, s.log)
}

// nameOf is what google.rpc.Code calls a code.
func nameOf(c codes.Code) string {
	text, err := json.Marshal(c.String())
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for i, r := range strings.Trim(string(text), `"`) {
		if i > 0 && 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

// other is the call of the steady part, which goes on until it is called off.
type other struct{ arrived, ended chan struct{} }

// behind fails when the other call is there.
func (o *other) behind(fail manner) manner {
	return func(ctx context.Context, id string) ([]byte, error) {
		select {
		case <-o.arrived:
		case <-ctx.Done():
		}
		return fail(ctx, id)
	}
}

// fails makes the request during which the shaky part fails, and makes sure of what comes of it: of the whole, the part, and the
// other call. A service that has never been well has no last good answer.
func (s *scene) fails(v variant, f failing, id string, after bool) {
	s.t.Helper()
	o := &other{make(chan struct{}), make(chan struct{})}
	ends := v.required && !v.constant && !(v.lastGood && after && !f.refusal)
	if ends {
		s.steady.on(id, func(ctx context.Context, id string) ([]byte, error) {
			close(o.arrived)
			defer close(o.ended)
			return never(ctx, id)
		})
	} else {
		close(o.arrived)
	}
	if f.answers != nil {
		s.shaky.on(id, o.behind(f.answers))
	}
	s.check(v, f, id, after, request(s.t, "GET", s.url+"/v1/"+v.path+"/"+id, ""))
	if !ends {
		return
	}
	s.steady.on(id, good)
	select {
	case <-o.arrived:
	default:
		return // there was no call yet to be called off
	}
	select {
	case <-o.ended:
	case <-time.After(patience):
		s.t.Error("the other call goes on")
	}
}

func TestAPartThatFailsCostsWhatItIsSaidToCost(t *testing.T) {
	t.Parallel()
	for name, f := range failings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shared := newScene(t)
			for _, v := range variants {
				t.Run(v.path, func(t *testing.T) {
					t.Parallel()
					s := *shared
					s.t = t
					id := "of-" + v.path
					s.whole(v.path + "/" + id)
					s.fails(v, f, id, true)
					s.shaky.on(id, good)
					s.whole(v.path + "/" + id)
				})
			}
		})
	}
}

func TestAPartWhoseServiceIsKilledIsUsedAgainWhenItIsBack(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		for name, during := range map[string]bool{"during a call": true, "between calls": false} {
			t.Run(v.path+" "+name, func(t *testing.T) {
				t.Parallel()
				s := newScene(t)
				s.whole(v.path + "/a")
				f := gone
				if during {
					f.answers = func(ctx context.Context, id string) ([]byte, error) {
						go s.shaky.kill()
						return never(ctx, id)
					}
				} else {
					s.shaky.kill()
				}
				s.fails(v, f, "a", true)
				s.shaky.kill() // if it is not over yet
				s.shaky.on("a", good)
				s.shaky.start()
				s.whole(v.path + "/a")
			})
		}
	}
}

func TestAPartWhoseServiceIsNotThereIsMissedFromTheStart(t *testing.T) {
	t.Parallel()
	mute, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // it takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mute.Close() }) //nolint:errcheck // nobody is there
	for name, f := range map[string]failing{"not there": gone, "mute": failings["slow"]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shared := newScene(t)
			address := mute.Addr().String()
			if name == "not there" {
				address = shared.shaky.address
				shared.shaky.kill()
			}
			shared.open(address)
			for _, v := range variants {
				t.Run(v.path, func(t *testing.T) {
					t.Parallel()
					s := *shared
					s.t = t
					s.fails(v, f, "of-"+v.path, false)
				})
			}
		})
	}
}

func TestWhenTheWholeIsOutOfTimeItAnswersWithWhatIsThere(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.whole("patient/a")
	s.shaky.on("a", never)
	got := request(t, "GET", s.url+"/v1/patient/a", "", "Grpc-Timeout", "2S")
	s.check(variant{}, failings["slow"], "a", true, got)
	s.shaky.on("a", good)
	s.steady.on("a", never)
	if got := send(t, "GET", s.url+"/v1/patient/a", "", "Grpc-Timeout", "1S"); got.status != http.StatusGatewayTimeout || !strings.Contains(got.body, "UPSTREAM_TIMEOUT") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestAClientThatLeavesAScreenEndsAllItsCalls(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	arrived, ended := make(chan struct{}, 2), make(chan struct{}, 2)
	for _, station := range []*station{s.shaky, s.steady} {
		station.on("a", func(ctx context.Context, id string) ([]byte, error) {
			arrived <- struct{}{}
			defer func() { ended <- struct{}{} }()
			return never(ctx, id)
		})
	}
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/v1/patient/a", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-arrived
		<-arrived
		leave()
	}()
	if res, err := http.DefaultClient.Do(req); err == nil {
		t.Error("an answer came", res.Body.Close())
	}
	for range 2 {
		select {
		case <-ended:
		case <-time.After(patience):
			t.Fatal("a call goes on")
		}
	}
	until(t, "the log tells of it", func() bool { return strings.Contains(s.log.String(), "CLIENT_GONE") })
}

func TestMuchThatIsMissingMakesNoHeaderThatProxiesRefuse(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	const reason = `NO "SUCH", THING;code=OK` + "\r\n" // what a header must not be made of
	s.shaky.rest = refuses(told(codes.NotFound, reason))
	s.shaky.on("good", good)
	const missing = 200
	screen, got := s.screen("many?ids=good" + strings.Repeat("&ids=x", missing))
	header := got.header.Get("Gatehouse-Partial")
	if got.status != http.StatusOK || len(screen.Things) != 1 || len(screen.Partial) != missing || screen.Partial[0].Reason != reason {
		t.Fatalf("%d %.500s", got.status, got.body)
	}
	if want := `"things[1]";code=NOT_FOUND;reason="NO \"SUCH\", THING;code=OK", "things[2]";`; !strings.HasPrefix(header, want) {
		t.Errorf("%s, and not %s", header, want)
	}
	items := strings.Split(header, ", \"things")
	last := items[len(items)-1]
	if !strings.HasSuffix(last, fmt.Sprintf(", *;more=%d", missing-len(items))) || len(header) > 3<<10 {
		t.Errorf("%d bytes of %d items, the last %s", len(header), len(items), last)
	}
}

// Services may look at tokens that the edge passes on and does not look at itself.
func TestWhatIsKeptForOneTokenIsNotGivenToAnother(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	var calls atomic.Int32
	s.shaky.rest = func(ctx context.Context, id string) ([]byte, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		calls.Add(1)
		return []byte(thing(id, strings.Join(md["authorization"], ""))), nil
	}
	for range 2 {
		for _, caller := range []string{"", "Bearer a", "Bearer b"} {
			var header []string
			if caller != "" {
				header = []string{"Authorization", caller}
			}
			if screen, got := s.screen("kept/a", header...); screen.Shaky == nil || screen.Shaky.Note != caller {
				t.Errorf("%q: %s", caller, got.body)
			}
		}
	}
	if n := calls.Load(); n != 3 {
		t.Errorf("%d calls were made for three callers", n)
	}
}

func TestFailedPartsLeaveNothingBehind(t *testing.T) { //nolint:paralleltest // it counts goroutines
	s := newScene(t)
	s.whole("optional/a")
	leavesNothing(t, func() {
		for name, f := range failings {
			if name == "slow" {
				continue // it takes its time
			}
			for i := range 10 {
				for _, v := range variants {
					id := fmt.Sprint(name, i)
					s.shaky.on(id, f.answers)
					s.screen(v.path + "/" + strings.ReplaceAll(id, " ", "%20"))
				}
			}
		}
	})
	s.whole("optional/a")
}
