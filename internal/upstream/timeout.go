package upstream

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// Timeout returns how long a call may take: what the client asks for in Grpc-Timeout (a number and one of H, M, S, m,
// u, n) or X-Request-Timeout (250ms, 1.5s, or plain seconds), but never more than the ceiling, which is also what it
// gets when it asks for nothing. 0 is no limit. A malformed wish is a *fault.Error.
func Timeout(h http.Header, ceiling time.Duration) (time.Duration, error) {
	wish, err := wished(h)
	switch {
	case err != nil:
		return 0, err
	case wish == 0 || ceiling > 0 && wish > ceiling:
		return ceiling, nil
	default:
		return wish, nil
	}
}

func wished(h http.Header) (time.Duration, error) {
	if text := first(h, "Grpc-Timeout"); text != "" {
		if d, ok := grpcTimeout(text); ok {
			return d, nil
		}
		return 0, fault.Field("Grpc-Timeout", "expected at most 8 digits and a unit of H, M, S, m, u or n")
	}
	if text := first(h, "X-Request-Timeout"); text != "" {
		if d, ok := requestTimeout(text); ok {
			return d, nil
		}
		return 0, fault.Field("X-Request-Timeout", "expected a positive duration such as 250ms, 1.5s or 2")
	}
	return 0, nil
}

// first looks up a header by its canonical name.
func first(h http.Header, name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// grpcUnits gives the units of Grpc-Timeout in nanoseconds.
var grpcUnits = map[byte]uint64{
	'H': uint64(time.Hour), 'M': uint64(time.Minute), 'S': uint64(time.Second),
	'm': uint64(time.Millisecond), 'u': uint64(time.Microsecond), 'n': 1,
}

func grpcTimeout(text string) (time.Duration, bool) {
	const longest = 9
	last := len(text) - 1
	unit := grpcUnits[text[last]]
	n, err := strconv.ParseUint(text[:last], 10, 32)
	if err != nil || unit == 0 || n == 0 || len(text) > longest {
		return 0, false
	}
	return time.Duration(min(n, uint64(longestTimeout)/unit) * unit), true
}

// longestTimeout is more than any call takes and far from overflowing.
const longestTimeout = 365 * 24 * time.Hour

func requestTimeout(text string) (time.Duration, bool) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if !(seconds > 0) || seconds > longestTimeout.Seconds() {
			return longestTimeout, seconds > 0
		}
		return time.Duration(seconds * float64(time.Second)), true
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d > 0
}
