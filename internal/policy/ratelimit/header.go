package ratelimit

import (
	"net/http"
	"strconv"
	"time"
)

// SetHeaders tells a caller, in the response to a call, of the limits that it is under and of the one that is the nearest:
//
//	RateLimit-Policy: "free-minute";q=100;w=60, "free-day";q=5000;w=86400
//	RateLimit: "free-minute";r=50;t=30
//
// as draft-ietf-httpapi-ratelimit-headers-11 has it: r calls may come within the next t seconds. t is when all calls are
// back, or if none are left, when the next one is. Nothing is set where nothing limits the call.
func SetHeaders(h http.Header, checks []Check, d Decision) {
	if d.Limit == nil {
		return
	}
	policies := make([]byte, 0, 128)
	for i, c := range checks {
		if i > 0 {
			policies = append(policies, ", "...)
		}
		policies = c.Limit.appendItem(policies)
		policies = parameter(policies, ";q=", int64(c.Limit.Requests))
		policies = parameter(policies, ";w=", wholeSeconds(c.Limit.Window))
	}
	window := d.Reset
	if d.Remaining == 0 {
		window = d.RetryAfter // the same as Retry-After, which must not be earlier
	}
	now := d.Limit.appendItem(make([]byte, 0, 64))
	now = parameter(now, ";r=", int64(d.Remaining))
	now = parameter(now, ";t=", wholeSeconds(window))
	h.Set("RateLimit-Policy", string(policies))
	h.Set("RateLimit", string(now))
}

// appendItem writes the limit's name as a string of structured fields (RFC 9651), which holds printable ASCII only.
func (l *Limit) appendItem(b []byte) []byte {
	b = append(b, '"')
	for i := range len(l.Name) {
		switch c := l.Name[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c > '~':
			b = append(b, '?')
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

func parameter(b []byte, name string, value int64) []byte {
	return strconv.AppendInt(append(b, name...), value, 10)
}

// wholeSeconds rounds up: who comes back then is not too early.
func wholeSeconds(d time.Duration) int64 { return int64((max(0, d) + time.Second - 1) / time.Second) }

func seconds(d time.Duration) string { return strconv.FormatInt(wholeSeconds(d), 10) }
