package stream_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/stream"
)

// torn gives a body in pieces of random sizes, nothing at times, and its end with the last piece or behind it.
type torn struct {
	body   []byte
	random *rand.Rand
}

func (t *torn) Read(p []byte) (int, error) {
	n := copy(p, t.body[:t.random.IntN(min(len(t.body), 9)+1)])
	t.body = t.body[n:]
	if len(t.body) == 0 && (n == 0 || t.random.IntN(2) == 0) {
		return n, io.EOF
	}
	return n, nil
}

// decodeSequence is what encoding/json makes of values that stand one behind the other.
func decodeSequence(body []byte) ([]string, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	var values []string
	for {
		var value json.RawMessage
		if err := d.Decode(&value); errors.Is(err, io.EOF) {
			return values, nil
		} else if err != nil {
			return values, err
		}
		values = append(values, string(value))
	}
}

// decodeArray is what encoding/json makes of an array.
func decodeArray(body []byte) ([]string, error) {
	var elements []json.RawMessage
	err := json.Unmarshal(body, &elements)
	var values []string
	for _, e := range elements {
		values = append(values, string(e))
	}
	return values, err
}

// untilInvalid cuts the values before the first that is not JSON, which Reader does not look at.
func untilInvalid(values []string) ([]string, bool) {
	i := slices.IndexFunc(values, func(v string) bool { return !json.Valid([]byte(v)) })
	if i < 0 {
		return values, false
	}
	return values[:i], true
}

func checkAgainstEncodingJSON(t *testing.T, body []byte, seed uint64, array bool) {
	t.Helper()
	const deepest = 10_000 // for encoding/json
	if bytes.Count(body, []byte("["))+bytes.Count(body, []byte("{")) > deepest {
		return // it would refuse it
	}
	o := stream.ReaderOptions{Array: array, Max: len(body) + 1}
	all, err := readAll(&torn{body, rand.New(rand.NewPCG(seed, 0))}, o)
	if again, errAgain := readAll(bytes.NewReader(body), o); !slices.Equal(all, again) || !sameError(err, errAgain) {
		t.Fatalf("%q in pieces: %q, %v; at once: %q, %v", body, all, err, again, errAgain)
	}
	checkLimit(t, body, o, all)

	got, invalid := untilInvalid(all)
	refused := invalid || err != nil
	if array && bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("[")) {
		want, wantErr := decodeArray(body)
		if refused != (wantErr != nil) || !refused && !slices.Equal(got, want) {
			t.Fatalf("%q: %q, %v; encoding/json: %q, %v", body, all, err, want, wantErr)
		}
		return
	}
	want, wantErr := decodeSequence(body)
	if invalid && strings.HasPrefix(all[len(got)], value(want, len(got))) && value(want, len(got)) != "" {
		return // encoding/json takes "truefalse" and "1-2" for two values
	}
	if !slices.Equal(got, want) || refused != (wantErr != nil) {
		t.Fatalf("%q: %q, %v; encoding/json: %q, %v", body, all, err, want, wantErr)
	}
}

func value(of []string, i int) string {
	if i < len(of) {
		return of[i]
	}
	return ""
}

func sameError(a, b error) bool {
	if a == nil || b == nil {
		return a == b //nolint:errorlint // both are nil
	}
	return a.Error() == b.Error()
}

// checkLimit reads again with a limit that the largest value just has, and with one that it just has not.
func checkLimit(t *testing.T, body []byte, o stream.ReaderOptions, all []string) {
	t.Helper()
	if len(all) == 0 {
		return
	}
	largest := 0
	for i, v := range all {
		if len(v) > len(all[largest]) {
			largest = i
		}
	}
	o.Max = len(all[largest])
	if got, _ := readAll(bytes.NewReader(body), o); len(got) != len(all) {
		t.Fatalf("%q with a limit of %d: %q, want %q", body, o.Max, got, all)
	}
	if o.Max--; o.Max == 0 {
		return // the default
	}
	got, err := readAll(bytes.NewReader(body), o)
	if e, ok := errors.AsType[*stream.BodyError](err); !ok || !e.TooLarge || len(got) != largest {
		t.Fatalf("%q with a limit of %d: %q, %v", body, o.Max, got, err)
	}
}

var bodies = []string{
	"", " ", "{}\n{}\n", `{"a":[1,{"b":"\"}\\"}]}{"c":null}`, `[1,2,{"a":"]"}]`, ` [ ] `, `[[],[[]]]`, `1 2 true"x"null`, `"a""b"`,
	`[1,]`, `[,1]`, `[1 2]`, `[1`, `["`, `{`, `[1]x`, "\uFEFF{}", `{]`, `truefalse`, `1-2`, `01`, `-`, `"\`, `"\\"`, `"\\\"`, `[1,"\\\"",2]`,
}

func FuzzReader(f *testing.F) {
	for i, body := range bodies {
		f.Add([]byte(body), uint64(i), i%2 == 0)
		f.Add([]byte(body), uint64(i), i%2 == 1)
	}
	f.Fuzz(checkAgainstEncodingJSON)
}

func TestReaderAgreesWithEncodingJSONOnRandomBodies(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{`{`, `}`, `[`, `]`, `"`, `\`, `\"`, `,`, `:`, ` `, "\n", `1`, `-`, `true`, `null`, `"a"`, `"a":`, `{}`, `[]`, `{"a":1}`, `x`}
	for range 50_000 {
		var body []byte
		for range random.IntN(12) {
			body = append(body, parts[random.IntN(len(parts))]...)
		}
		checkAgainstEncodingJSON(t, body, random.Uint64(), random.IntN(2) == 0)
	}
}
