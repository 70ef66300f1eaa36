package fault_test

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

func packed(t *testing.T, m proto.Message) *anypb.Any {
	t.Helper()
	a, err := anypb.New(m)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTheCauseIsNeverSent(t *testing.T) {
	t.Parallel()
	cause := errors.New("dial tcp 127.0.0.1:9090")
	for _, err := range []error{fault.New(fault.UpstreamAbsent, "not now").Because(cause), cause} {
		e := fault.From(err)
		w := httptest.NewRecorder()
		fault.Write(w, e, "id-1", fault.Brief)
		if strings.Contains(w.Body.String(), "dial") || !errors.Is(e, cause) {
			t.Errorf("%v: %s", e, w.Body)
		}
	}
}

// protojson reads every format back as the status that it is.
func TestBodiesAreStatusesToProtojson(t *testing.T) {
	t.Parallel()
	e := fault.Field("$.text", `is "odd" <here>`)
	for format, wrapped := range map[fault.Format]bool{fault.Brief: false, fault.Unpopulated: false, fault.Chunk: true} {
		w := httptest.NewRecorder()
		fault.Write(w, e, "id-1", format)
		body := w.Body.Bytes()
		if wrapped {
			var chunk struct{ Error json.RawMessage }
			if err := json.Unmarshal(body, &chunk); err != nil {
				t.Fatal(err)
			}
			body = chunk.Error
		}
		got := new(spb.Status)
		if err := protojson.Unmarshal(body, got); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		want := proto.CloneOf(e.Status)
		want.Details = append(want.Details, packed(t, &errdetails.RequestInfo{RequestId: "id-1"}))
		if !proto.Equal(got, want) {
			t.Errorf("format %d: got %v, want %v", format, got, want)
		}
		if unset := strings.Contains(w.Body.String(), `"servingData":""`); unset != (format != fault.Brief) {
			t.Errorf("format %d: %s", format, w.Body)
		}
	}
}

func TestAnUpstreamsDebugInfoIsDroppedAndItsRetryBecomesAHeader(t *testing.T) {
	t.Parallel()
	for delay, want := range map[time.Duration]string{1500 * time.Millisecond: "2", 0: "0", -time.Second: "0", time.Hour: "3600"} {
		e := fault.Upstream(&spb.Status{Code: int32(codes.ResourceExhausted), Message: "too much", Details: []*anypb.Any{
			packed(t, &errdetails.DebugInfo{Detail: "secret"}), packed(t, &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)}),
		}})
		w := httptest.NewRecorder()
		fault.Write(w, e, "", fault.Brief)
		if w.Code != 429 || w.Header().Get("Retry-After") != want || strings.Contains(w.Body.String(), "secret") || e.Reason != "" {
			t.Errorf("%s: %d %v %s", delay, w.Code, w.Header(), w.Body)
		}
	}
}

func TestADetailThatDoesNotDecodeKeepsItsTypeAndItsBytes(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"type.googleapis.com/nobody.knows.v1.This", "type.googleapis.com/google.rpc.BadRequest", ""} {
		e := fault.Upstream(&spb.Status{Code: int32(codes.NotFound), Message: "gone", Details: []*anypb.Any{{TypeUrl: url, Value: []byte{0xff}}}})
		body := string(e.JSON("", fault.Brief))
		if want := `{"@type":"` + url + `","value":"/w=="}`; !strings.Contains(body, want) || !strings.Contains(body, `"message":"gone"`) {
			t.Errorf("%q: %s", url, body)
		}
	}
}

func TestProblemsHoldAllThatStatusesHold(t *testing.T) {
	t.Parallel()
	e := fault.Field("$.text", "is odd")
	e.Status.Details = append(e.Status.Details, packed(t, &errdetails.Help{Links: []*errdetails.Help_Link{{Url: "https://example.com"}}}))
	w := httptest.NewRecorder()
	fault.Write(w, e, "id-1", fault.Problem)
	want := `{"type":"about:blank","title":"Bad Request","status":400,"detail":"$.text: is odd","code":"INVALID_ARGUMENT",` +
		`"reason":"BAD_REQUEST","domain":"gatehouse","requestId":"id-1","errors":[{"field":"$.text","detail":"is odd"}],` +
		`"details":[{"@type":"type.googleapis.com/google.rpc.Help","links":[{"url":"https://example.com"}]}]}` + "\n"
	if got := w.Body.String(); got != want || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %v\n%s\nwant\n%s", w.Header(), got, want)
	}
	for code, want := range map[codes.Code]string{codes.Canceled: `"title":"Client Closed Request","status":499`, 99: `"code":"UNKNOWN"`} {
		if body := string(fault.Upstream(&spb.Status{Code: int32(code)}).JSON("", fault.Problem)); !strings.Contains(body, want) {
			t.Errorf("%s: %s", want, body)
		}
	}
}
