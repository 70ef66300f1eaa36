package stream_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gatehouse-edge/gatehouse/internal/stream"
)

// readAll returns copies of all values, and what the last call of Next returned; nil for io.EOF.
func readAll(body io.Reader, o stream.ReaderOptions) ([]string, error) {
	r := stream.NewReader(body, o)
	var values []string
	for {
		value, err := r.Next()
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err != nil {
			return values, err
		}
		values = append(values, string(value))
	}
}

// pieces are the ways in which a body may come in.
var pieces = map[string]func(io.Reader) io.Reader{
	"at once":          func(r io.Reader) io.Reader { return r },
	"byte by byte":     iotest.OneByteReader,
	"half":             iotest.HalfReader,
	"with the end":     iotest.DataErrReader,
	"bytes, with end":  func(r io.Reader) io.Reader { return iotest.DataErrReader(iotest.OneByteReader(r)) },
	"nothing at times": func(r io.Reader) io.Reader { return &hesitant{body: r} },
}

// hesitant returns nothing every other time.
type hesitant struct {
	body io.Reader
	now  bool
}

func (h *hesitant) Read(p []byte) (int, error) {
	if h.now = !h.now; h.now {
		return 0, nil
	}
	return h.body.Read(p[:1])
}

func TestABodyIsTakenApartIntoItsValues(t *testing.T) {
	t.Parallel()
	long := `"` + strings.Repeat(`\\\"x`, 5000) + `"`
	tests := []struct {
		name, body string
		array      bool
		want       []string
	}{
		{"nothing", "", false, nil},
		{"white space", " \r\n\t", false, nil},
		{"lines", "{\"a\":1}\n{\"a\":2}\n", false, []string{`{"a":1}`, `{"a":2}`}},
		{"lines without the last break", "1\n2", false, []string{"1", "2"}},
		{"empty lines", "\r\n1\r\n\r\n2\r\n", false, []string{"1", "2"}},
		{"concatenated", `{}{"a":[]}[]"x""y"1"z"2{}true[false]null`, false,
			[]string{`{}`, `{"a":[]}`, `[]`, `"x"`, `"y"`, `1`, `"z"`, `2`, `{}`, `true`, `[false]`, `null`}},
		{"over several lines", "{\n  \"a\" : [ 1,\n 2 ]\n}\n{}", false, []string{"{\n  \"a\" : [ 1,\n 2 ]\n}", "{}"}},
		{"brackets in strings", `{"}]":"[{"}["]"]`, false, []string{`{"}]":"[{"}`, `["]"]`}},
		{"escapes", `"\"""\\""\\\"""\u0022"{"\\":"\"}"}`, false, []string{`"\""`, `"\\"`, `"\\\""`, `"\u0022"`, `{"\\":"\"}"}`}},
		{"numbers and literals", "-1.5e+3 0 true\tfalse\rnull\n12", false, []string{"-1.5e+3", "0", "true", "false", "null", "12"}},
		{"a list is a value", "[1,2]\n[3]", false, []string{"[1,2]", "[3]"}},
		{"longer than any read", long + "[" + long + "]", false, []string{long, "[" + long + "]"}},
		{"deep", strings.Repeat("[", 20000) + strings.Repeat("]", 20000), false,
			[]string{strings.Repeat("[", 20000) + strings.Repeat("]", 20000)}},
		{"what another looks at", `{"a"]truefalse 1.2.3`, false, []string{`{"a"]`, "truefalse", "1.2.3"}},
		{"an array", ` [ {"a":1} , 2,"x",[3],null ] `, true, []string{`{"a":1}`, `2`, `"x"`, `[3]`, `null`}},
		{"an array without space", `[{"a":1},2,"x",[3],null]`, true, []string{`{"a":1}`, `2`, `"x"`, `[3]`, `null`}},
		{"an empty array", "[ ]\n", true, nil},
		{"an array of an array", "[[]]", true, []string{"[]"}},
		{"no array, where it may be one", "{}\n[1]", true, []string{"{}", "[1]"}},
		{"nothing, where it may be an array", "\n", true, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for how, in := range pieces {
				got, err := readAll(in(strings.NewReader(test.body)), stream.ReaderOptions{Array: test.array})
				if err != nil || !slices.Equal(got, test.want) {
					t.Errorf("%s: %q, %v", how, got, err)
				}
			}
		})
	}
}

func TestAMalformedBodyIsRefusedAtItsOffset(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		array      bool
		values     int // before the error
		offset     int64
		problem    string
	}{
		{"a comma between lines", "{},\n{}", false, 1, 2, "expected a JSON value, found ','"},
		{"garbage", "{} x", false, 1, 3, "expected a JSON value, found 'x'"},
		{"a control character", "1\n\x00", false, 1, 2, `expected a JSON value, found '\x00'`},
		{"a bracket too many", "{}}", false, 1, 2, "expected a JSON value, found '}'"},
		{"no JSON at all", "a=1&b=2", false, 0, 0, "expected a JSON value, found 'a'"},
		{"a capital", "True", false, 0, 0, "expected a JSON value, found 'T'"},
		{"a letter of two bytes", "1 é", false, 1, 2, "expected a JSON value, found the byte 0xC3"},
		{"a byte order mark", "\uFEFF{}", false, 0, 0, "expected a JSON value, found a byte order mark; send UTF-8 without it"},
		{"a byte order mark, then an array", "\uFEFF[]", true, 0, 0, "expected a JSON value, found a byte order mark; send UTF-8 without it"},
		{"half a byte order mark", "\xEF\xBB", false, 0, 0, "expected a JSON value, found the byte 0xEF"},
		{"a byte order mark in the middle", "1\n\uFEFF2", false, 1, 2, "expected a JSON value, found the byte 0xEF"},
		{"an open object", "1 {\"a\":1", false, 1, 2, "the body ends before the value that begins here does"},
		{"an open list", "[[]", false, 0, 0, "the body ends before the value that begins here does"},
		{"an open string", `"a\"`, false, 0, 0, "the body ends before the value that begins here does"},
		{"a far offset", strings.Repeat("{}\n", 9000) + "]", false, 9000, 27000, "expected a JSON value, found ']'"},
		{"a missing comma", "[1 2]", true, 1, 3, "expected a comma or the end of the array, found '2'"},
		{"a missing comma between objects", "[{}{}]", true, 1, 3, "expected a comma or the end of the array, found '{'"},
		{"a wrong bracket", "[1}", true, 1, 2, "expected a comma or the end of the array, found '}'"},
		{"no value before a comma", "[,1]", true, 0, 1, "expected a JSON value, found ','"},
		{"no value between commas", "[1,,2]", true, 1, 3, "expected a JSON value, found ','"},
		{"no value behind a comma", "[1, ]", true, 1, 4, "expected a JSON value, found ']'"},
		{"an open array", "[", true, 0, 1, "the body ends before its array does"},
		{"an open array with a value", "[1\n", true, 1, 3, "the body ends before its array does"},
		{"an open array with a comma", "[1,", true, 1, 3, "the body ends before its array does"},
		{"an open value in an array", "[1,[2", true, 1, 3, "the body ends before the value that begins here does"},
		{"a second array", "[1]\n[2]", true, 1, 4, "expected nothing behind the array, found '['"},
		{"garbage behind the array", "[] x", true, 0, 3, "expected nothing behind the array, found 'x'"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for how, in := range pieces {
				got, err := readAll(in(strings.NewReader(test.body)), stream.ReaderOptions{Array: test.array})
				want := stream.BodyError{Offset: test.offset, Problem: test.problem}
				if e, ok := errors.AsType[*stream.BodyError](err); !ok || *e != want || len(got) != test.values {
					t.Errorf("%s: %d values, %v", how, len(got), err)
				}
			}
		})
	}
}

// sized are values of any size from 2 bytes on.
var sized = map[string]func(n int) string{
	"number": func(n int) string { return strings.Repeat("1", n) },
	"string": func(n int) string { return `"` + strings.Repeat("x", n-2) + `"` },
	"list":   func(n int) string { return `[` + strings.Repeat(" ", n-2) + `]` },
}

func TestAValueMayHaveAsManyBytesAsTheLimitAndNotOneMore(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{2, 10, 4095, 4096, 4097, 10000, 70000} {
		o := stream.ReaderOptions{Max: limit}
		for kind, value := range sized {
			fits, larger := value(limit)+"\n", value(limit+1)+"\n"
			for how, in := range pieces {
				got, err := readAll(in(strings.NewReader(fits+fits)), o)
				if err != nil || len(got) != 2 || got[1] != value(limit) {
					t.Errorf("%s of %d bytes, %s: %d values, %v", kind, limit, how, len(got), err)
				}
				got, err = readAll(in(strings.NewReader(fits+larger+fits)), o)
				e, ok := errors.AsType[*stream.BodyError](err)
				if !ok || !e.TooLarge || e.Offset != int64(len(fits)) || len(got) != 1 {
					t.Errorf("%s of %d bytes and one more, %s: %d values, %v", kind, limit, how, len(got), err)
				}
			}
		}
	}
}

func TestAnEndlessValueIsReadNoFurtherThanItsLimit(t *testing.T) {
	t.Parallel()
	for _, begin := range []string{`"`, "[", "{", "1"} {
		body := &endless{next: begin}
		_, err := readAll(body, stream.ReaderOptions{Max: 100_000})
		if e, ok := errors.AsType[*stream.BodyError](err); !ok || !e.TooLarge {
			t.Errorf("%s: %v", begin, err)
		}
		if body.given > 100_001 {
			t.Errorf("%s: read %d bytes", begin, body.given)
		}
	}
}

// endless is a value that begins and never ends.
type endless struct {
	next  string
	given int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.next[0]
		if e.next[0] == '"' {
			e.next = "x"
		}
	}
	e.given += len(p)
	return len(p), nil
}

func TestAValueIsReturnedBeforeMoreIsRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body  string
		array bool
		want  []string
	}{
		{`{"a":1}`, false, []string{`{"a":1}`}},
		{`[1]`, false, []string{`[1]`}},
		{`"x"`, false, []string{`"x"`}},
		{"1\n", false, []string{"1"}},
		{"true[", false, []string{"true"}},
		{`{}{}"x"[] 1 {`, false, []string{`{}`, `{}`, `"x"`, `[]`, `1`}},
		{`[{}`, true, []string{`{}`}},
		{`[{},1,"x"`, true, []string{`{}`, `1`, `"x"`}},
	} {
		hung := errors.New("it waited for more")
		got, err := readAll(&once{body: test.body, then: hung}, stream.ReaderOptions{Array: test.array})
		if !slices.Equal(got, test.want) || !errors.Is(err, hung) {
			t.Errorf("%s: %q, %v", test.body, got, err)
		}
	}
}

// once gives all it has to the first read, and fails the next one.
type once struct {
	body string
	then error
}

func (o *once) Read(p []byte) (int, error) {
	if o.body == "" {
		return 0, o.then
	}
	n := copy(p, o.body)
	o.body = o.body[n:]
	return n, nil
}

func TestAFailureOfTheBodyComesBehindTheValuesBeforeIt(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	for body, want := range map[string]int{"": 0, "{}{}": 2, "{}{": 1, "{}12": 1, "12[": 1} {
		for _, with := range []bool{false, true} {
			in := io.MultiReader(strings.NewReader(body), iotest.ErrReader(gone))
			if with {
				in = iotest.DataErrReader(in)
			}
			got, err := readAll(in, stream.ReaderOptions{})
			if _, malformed := errors.AsType[*stream.BodyError](err); malformed || !errors.Is(err, gone) || len(got) != want {
				t.Errorf("%q: %d values, %v", body, len(got), err)
			}
		}
	}
}

func TestAnErrorIsReturnedAgain(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "x{}", "[1] 2", "[1", `["`} {
		r := stream.NewReader(strings.NewReader(body), stream.ReaderOptions{Array: true})
		var first error
		for first == nil {
			_, first = r.Next()
		}
		if value, again := r.Next(); value != nil || again != first { //nolint:errorlint // the very same
			t.Errorf("%q: %v, then %q, %v", body, first, value, again)
		}
	}
}

func TestABodyThatNeverComesIsGivenUp(t *testing.T) {
	t.Parallel()
	_, err := readAll(iotest.ErrReader(nil), stream.ReaderOptions{})
	if !errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
}

func TestAppendingToAValueLeavesTheNextOneAlone(t *testing.T) {
	t.Parallel()
	r := stream.NewReader(strings.NewReader("{}[1]"), stream.ReaderOptions{})
	value, err := r.Next()
	do(t, err)
	_ = append(value, "xyz"...)
	if next, err := r.Next(); err != nil || string(next) != "[1]" {
		t.Errorf("%q, %v", next, err)
	}
}

// Large values make room for themselves, and small ones behind them must not be lost when that is given back.
func TestValuesOfAllSizesFollowEachOther(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	var want []string
	for i, size := range []int{1, 200_000, 3, 5000, 4095, 70_000, 1, 1, 100_000, 2000, 65_536} {
		value := fmt.Sprintf(`[%d,"%s"]`, i, strings.Repeat("é", size/2))
		want = append(want, value)
		body.WriteString(value)
	}
	for how, in := range pieces {
		got, err := readAll(in(strings.NewReader(body.String())), stream.ReaderOptions{})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %d values, %v", how, len(got), err)
		}
	}
}
