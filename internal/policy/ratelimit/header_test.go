package ratelimit_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
)

func TestHeadersSayWhatTheDraftSays(t *testing.T) {
	t.Parallel()
	day := &ratelimit.Limit{Name: "free-day", Requests: 5000, Window: 24 * time.Hour, Kind: ratelimit.Quota}
	odd := &ratelimit.Limit{Name: "od\"d\\\n", Requests: 1, Window: time.Second}
	for name, c := range map[string]struct {
		limits       []*ratelimit.Limit
		d            ratelimit.Decision
		policy, left string
	}{
		"no limit": {nil, ratelimit.Decision{Allowed: true}, "", ""},
		"calls are left": {
			[]*ratelimit.Limit{minute}, ratelimit.Decision{Allowed: true, Limit: minute, Remaining: 9, Reset: 600 * time.Millisecond},
			`"minute";q=100;w=60`, `"minute";r=9;t=1`,
		},
		"no call is left": {
			[]*ratelimit.Limit{minute, day}, ratelimit.Decision{Limit: minute, Reset: time.Minute, RetryAfter: 1001 * time.Millisecond},
			`"minute";q=100;w=60, "free-day";q=5000;w=86400`, `"minute";r=0;t=2`,
		},
		"a name that no configuration has": {
			[]*ratelimit.Limit{odd}, ratelimit.Decision{Limit: odd, Remaining: 1}, `"od\"d\\?";q=1;w=1`, `"od\"d\\?";r=1;t=0`,
		},
	} {
		var checks []ratelimit.Check
		for _, l := range c.limits {
			checks = append(checks, ratelimit.Check{Limit: l})
		}
		h := http.Header{}
		ratelimit.SetHeaders(h, checks, c.d)
		if h.Get("RateLimit-Policy") != c.policy || h.Get("RateLimit") != c.left {
			t.Errorf("%s: %v", name, h)
		}
	}
}

func TestARefusalSaysWhyAndUntilWhen(t *testing.T) {
	t.Parallel()
	l := local(t, standing)
	key := ratelimit.OfField("a secret")
	checks := []ratelimit.Check{{Limit: &ratelimit.Limit{Name: "wide", Requests: 500, Window: time.Hour}, Key: key}, {Limit: minute, Key: key}}
	var d ratelimit.Decision
	for d = allowAll(t, l, checks...); d.Allowed; {
		d = allowAll(t, l, checks...)
	}
	w := httptest.NewRecorder()
	fault.Write(w, ratelimit.Refusal(checks, d), "id-1", fault.Brief)
	want := `{"code":8,"message":"the limit minute of 100 calls in 60 s, 10 at once is used up; try again in 1 s","details":[` +
		`{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMITED","domain":"gatehouse"},` +
		`{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"0.600s"},` +
		`{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"subject":"field",` +
		`"description":"100 calls in 60 s, 10 at once","quotaId":"minute","quotaValue":"100"}]},` +
		`{"@type":"type.googleapis.com/google.rpc.RequestInfo","requestId":"id-1"}]}`
	if got := strings.TrimSpace(w.Body.String()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	h := w.Header()
	if w.Code != 429 || h.Get("Retry-After") != "1" || h.Get("RateLimit") != `"minute";r=0;t=1` ||
		h.Get("RateLimit-Policy") != `"wide";q=500;w=3600, "minute";q=100;w=60` {
		t.Errorf("%d %v", w.Code, h)
	}
}
