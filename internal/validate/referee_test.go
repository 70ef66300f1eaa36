package validate_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/gatehouse-edge/gatehouse/internal/source"
	"github.com/gatehouse-edge/gatehouse/internal/validate"
)

// deep is beyond anything that the tests nest; proto.Unmarshal has a limit of its own that is higher than a gateway's.
const deep = 5000

// linked is what is linked into the test: the protos of edgetest and of the sample shop.
func linked(tb testing.TB) *source.Set {
	tb.Helper()
	set, err := source.Linked(tb.Context(), "edgetest.v1.EverythingService", "shop.cart.v1.CartService", "shop.catalog.v1.CatalogService")
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// contest holds checks against the validator that is generated for the same message.
type contest struct {
	message proto.Message
	checks  *validate.Checks
}

func newContest(tb testing.TB, compiler *validate.Compiler, message proto.Message) contest {
	tb.Helper()
	checks, err := compiler.Message(message.ProtoReflect().Descriptor())
	if err != nil {
		tb.Fatal(err)
	}
	return contest{message, checks}
}

// play compares what both have to say. What is no message at all has only to be survived.
func (c contest) play(tb testing.TB, wire []byte) {
	tb.Helper()
	now := time.Now()
	found, err := c.checks.Check(wire, now)
	m := c.message.ProtoReflect().New().Interface()
	if (proto.UnmarshalOptions{AllowPartial: true}).Unmarshal(wire, m) != nil {
		return
	}
	if err != nil {
		tb.Fatalf("%x: %v", wire, err)
	}
	var got []string
	for _, v := range found {
		got = append(got, goPath(v.Path))
	}
	want := told("", m.(validator).ValidateAll())
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		tb.Errorf("%s\n%x\n%v\n got %q\nwant %q", c.message.ProtoReflect().Descriptor().FullName(), wire, m, missing(got, want), missing(want, got))
	}
}

// missing returns what is in a and not in b.
func missing(a, b []string) []string {
	counts := map[string]int{}
	for _, s := range b {
		counts[s]++
	}
	var only []string
	for _, s := range a {
		if counts[s]--; counts[s] < 0 {
			only = append(only, s)
		}
	}
	return only
}

// told flattens what a generated validator reports into paths.
func told(path string, err error) []string {
	switch e := err.(type) { //nolint:errorlint // the generated types, as they are
	case nil:
		return nil
	case interface{ AllErrors() []error }:
		var all []string
		for _, one := range e.AllErrors() {
			all = append(all, told(path, one)...)
		}
		return all
	case interface {
		Field() string
		Cause() error
	}:
		path += "." + strings.ReplaceAll(e.Field(), "_", "")
		if _, nested := e.Cause().(interface{ AllErrors() []error }); nested {
			return told(path, e.Cause())
		}
		return []string{path}
	default:
		return []string{fmt.Sprintf("%s: %v", path, err)}
	}
}

// goPath writes a path as the generated validators do: names as Go has them, here without underscores, keys without quotes.
func goPath(path string) string {
	var b strings.Builder
	up := true
	b.WriteByte('.')
	for path != "" {
		switch c := path[0]; {
		case strings.HasPrefix(path, "[\""):
			quoted, err := strconv.QuotedPrefix(path[1:])
			if err != nil {
				return path + ": " + err.Error()
			}
			key, _ := strconv.Unquote(quoted)
			b.WriteString("[" + strings.ReplaceAll(key, "_", ""))
			path = path[len(quoted)+1:]
			continue
		case c == '_':
			up = true
		case c == '.':
			b.WriteByte(c)
			up = true
		case up && c >= 'a' && c <= 'z':
			b.WriteByte(c - 'a' + 'A')
			up = false
		default:
			b.WriteByte(c)
			up = c >= '0' && c <= '9'
		}
		path = path[1:]
	}
	return b.String()
}
