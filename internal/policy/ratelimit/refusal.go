package ratelimit

import (
	"fmt"
	"slices"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// Refusal is the error of a call that was not let through: 429 with Retry-After, the RateLimit headers, and the same in
// details. It names the limit and what kind of key it counts by, not the key.
func Refusal(checks []Check, d Decision) *fault.Error {
	l := d.Limit
	var by keyKind
	if i := slices.IndexFunc(checks, func(c Check) bool { return c.Limit == l }); i >= 0 {
		by = checks[i].Key.kind
	}
	after := seconds(d.RetryAfter)
	e := fault.New(fault.RateLimited, fmt.Sprintf("the limit %s of %s is used up; try again in %s s", l.Name, l, after),
		&errdetails.RetryInfo{RetryDelay: durationpb.New(d.RetryAfter)},
		&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{
			Subject: by.String(), Description: l.String(), QuotaId: l.Name, QuotaValue: int64(l.Requests),
		}}},
	).With("Retry-After", after)
	SetHeaders(e.Header, checks, d)
	return e
}

// String says how often a limit lets call: "100 calls in 60 s".
func (l *Limit) String() string {
	text := fmt.Sprintf("%d calls in %d s", l.Requests, wholeSeconds(l.Window))
	if l.Burst != 0 {
		text += fmt.Sprintf(", %d at once", l.Burst)
	}
	return text
}
