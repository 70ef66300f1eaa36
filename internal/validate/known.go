package validate

import (
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

var (
	invalidDuration  = finding{"duration.valid", "must be a valid duration"}
	invalidTimestamp = finding{"timestamp.valid", "must be a valid time"}
)

// wrapper judges what a wrapper wraps.
func (k *checker) wrapper(inner *value, at *step, b []byte) error {
	var raw uint64
	var content []byte
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return errTruncated
		}
		var err error
		if tag == 1<<3|uint64(inner.wire) {
			i, err = read(inner, b, j, &raw, &content)
		} else {
			i, err = skip(b, j, tag)
		}
		if err != nil {
			return err
		}
	}
	return k.value(inner, at, raw, content, 0)
}

// moment reads the seconds and nanoseconds of a Duration or Timestamp.
func moment(b []byte) (seconds int64, nanos int32, err error) {
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return 0, 0, errTruncated
		}
		switch tag {
		case 1<<3 | uint64(protowire.VarintType), 2<<3 | uint64(protowire.VarintType):
			raw, end := uvarint(b, j)
			if end < 0 {
				return 0, 0, errTruncated
			}
			if tag>>3 == 1 {
				seconds = int64(raw)
			} else {
				nanos = int32(raw)
			}
			i = end
		default:
			if i, err = skip(b, j, tag); err != nil {
				return 0, 0, err
			}
		}
	}
	return seconds, nanos, nil
}

func (k *checker) duration(v *value, at *step, b []byte) error {
	const most = 315576000000 // 10000 years
	seconds, nanos, err := moment(b)
	if err != nil {
		return err
	}
	if seconds < -most || seconds > most || nanos <= -1e9 || nanos >= 1e9 || seconds > 0 && nanos < 0 || seconds < 0 && nanos > 0 {
		k.report(invalidDuration, at)
		return nil
	}
	p := point{major: signed(int64(saturated(seconds, nanos)))}
	for i := range v.tests {
		if t := &v.tests[i]; !t.number(p) {
			k.report(t.finding, at)
		}
	}
	return nil
}

// saturated returns a duration, or the longest there is if it is longer.
func saturated(seconds int64, nanos int32) time.Duration {
	const most = int64(math.MaxInt64 / time.Second)
	switch {
	case seconds > most || seconds == most && int64(nanos) > math.MaxInt64%int64(time.Second):
		return math.MaxInt64
	case seconds < -most || seconds == -most && int64(nanos) < math.MinInt64%int64(time.Second):
		return math.MinInt64
	default:
		return time.Duration(seconds)*time.Second + time.Duration(nanos)
	}
}

func (k *checker) timestamp(v *value, at *step, b []byte) error {
	const first, last = -62135596800, 253402300799 // the years 1 to 9999
	seconds, nanos, err := moment(b)
	if err != nil {
		return err
	}
	if seconds < first || seconds > last || nanos < 0 || nanos >= 1e9 {
		k.report(invalidTimestamp, at)
		return nil
	}
	when := time.Unix(seconds, int64(nanos))
	for i := range v.tests {
		if t := &v.tests[i]; !t.time(when, k.now) {
			k.report(t.finding, at)
		}
	}
	return nil
}

// any judges an Any: its type by the rules of the field, what it holds by the rules of that type.
func (k *checker) any(v *value, at *step, b []byte, depth int) error {
	url, content, err := packed(b)
	if err != nil {
		return err
	}
	k.text(v, at, url)
	k.path = append(k.path, *at)
	err = k.holds(url, content, depth-1)
	k.leave()
	return err
}

// contents judges what an Any holds that is the whole message.
func (k *checker) contents(b []byte, depth int) error {
	url, content, err := packed(b)
	if err != nil {
		return err
	}
	return k.holds(url, content, depth-1)
}

func (k *checker) holds(url, content []byte, depth int) error {
	checks, err := k.compiler.any(url)
	switch {
	case err != nil || checks == nil:
		return err
	case depth <= 0:
		return errTooDeep
	default:
		return k.run(checks, content, depth)
	}
}

// packed reads an Any.
func packed(b []byte) (url, content []byte, err error) {
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return nil, nil, errTruncated
		}
		var from, to int
		switch tag {
		case 1<<3 | uint64(protowire.BytesType):
			from, to, err = chunk(b, j)
			if err == nil {
				url, i = b[from:to], to
			}
		case 2<<3 | uint64(protowire.BytesType):
			from, to, err = chunk(b, j)
			if err == nil {
				content, i = b[from:to], to
			}
		default:
			i, err = skip(b, j, tag)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return url, content, nil
}
