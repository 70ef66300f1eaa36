package validate_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	"github.com/gatehouse-edge/gatehouse/internal/validate"
)

// nested is a tree of that many levels.
func nested(levels int) []byte {
	var wire []byte
	for range levels {
		wire = protowire.AppendString(protowire.AppendTag(protowire.AppendBytes(
			protowire.AppendTag(nil, 1, protowire.BytesType), wire), 2, protowire.BytesType), "x")
	}
	return wire
}

func TestNestingIsLimited(t *testing.T) {
	t.Parallel()
	set := protos(t, shelf)
	checks, err := validate.NewCompiler(set, validate.Options{}).Message(descriptor(t, set, "test.Tree"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := checks.Check(nested(99), time.Now()); err != nil {
		t.Error(err)
	}
	if _, err := checks.Check(nested(101), time.Now()); err == nil {
		t.Error("101 levels pass")
	}
	var wire []byte
	for range 101 { // an Any in an Any in an Any
		wire = protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), wire)
		wire = protowire.AppendString(protowire.AppendTag(wire, 1, protowire.BytesType), "x/google.protobuf.Any")
	}
	wire = protowire.AppendBytes(protowire.AppendTag(nil, 3, protowire.BytesType), wire)
	if _, err := checks.Check(wire, time.Now()); err == nil {
		t.Error("101 Anys pass")
	}
}

func TestWhatIsNoMessageIsAnError(t *testing.T) {
	t.Parallel()
	set := protos(t, shelf)
	checks, err := validate.NewCompiler(set, validate.Options{}).Message(descriptor(t, set, "test.Shelf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, wire := range []string{
		"\x0a", "\x0a\x05ab", "\x0a\x02\x0a\x05", "\x0a\x01\x80", "\xff", "\x00\x00", "\x07", "\x0c", "\x22\x01\x80",
		"\x1a\x02\x0a\x05", "\x1a\x02\x12\x05", "\x22\x0b\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x0b\x0a", "\x0a\x01\x0a\x0a\x01\x01",
		"\x62\x02\x0a\x09", "\xfb\x07\xfb\x07", "\x40\xff",
	} {
		if found, err := checks.Check([]byte(wire), time.Now()); err == nil || errors.Is(err, validate.ErrRules) {
			t.Errorf("%q: got %v, %v", wire, found, err)
		}
	}
}

// Each would take minutes if its cost grew with the square of its size.
func TestHostileMessagesTakeNoLongerThanOthers(t *testing.T) {
	t.Parallel()
	const n = 300_000
	compiler := validate.NewCompiler(linked(t), validate.Options{})
	lists := newContest(t, compiler, &edgetestv1.ListRules{})
	maps := newContest(t, compiler, &edgetestv1.MapRules{})
	nesting := newContest(t, compiler, &edgetestv1.NestingRules{})
	var numbers, texts, entries, pieces, mixed []byte
	for i := range n {
		var key [4]byte
		binary.BigEndian.PutUint32(key[:], uint32(i))
		numbers = protowire.AppendVarint(protowire.AppendTag(numbers, 8, protowire.VarintType), uint64(i))
		texts = protowire.AppendBytes(protowire.AppendTag(texts, 7, protowire.BytesType), key[:])
		entry := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), key[:])
		entries = protowire.AppendBytes(protowire.AppendTag(entries, 15, protowire.BytesType), entry)
		pieces = protowire.AppendBytes(protowire.AppendTag(pieces, 4, protowire.BytesType), []byte{0x10, 1})
		mixed = append(append(mixed, pieces[:4]...), 0x42, 2, 0x22, 0) // two fields by turns
	}
	for name, c := range map[string]struct {
		contest
		wire []byte
	}{
		"numbers": {lists, numbers}, "bytes": {lists, texts}, "entries": {maps, entries}, "pieces": {nesting, pieces}, "turns": {nesting, mixed},
		"patterns": {contest: newContest(t, compiler, &edgetestv1.TextRules{}), wire: protowire.AppendBytes(
			protowire.AppendTag(nil, 23, protowire.BytesType), append([]byte("aüm"), bytes.Repeat([]byte("ab"), n)...))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			if _, err := c.checks.Check(c.wire, begin); err != nil {
				t.Error(err)
			}
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("it takes %v", took)
			}
		})
	}
}

func TestWhatAMalformedListHeldIsNotHeldAgainstTheNextMessage(t *testing.T) {
	t.Parallel()
	const field = 8<<3 | 2 // unique_int32, packed
	values := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}
	whole := append([]byte{field, byte(len(values))}, values...)
	tooLarge := protowire.AppendVarint(nil, math.MaxUint64)
	tooLarge[len(tooLarge)-1] = 2
	malformed := append(append([]byte{field, byte(len(values) + len(tooLarge))}, values...), tooLarge...)
	compiler := validate.NewCompiler(linked(t), validate.Options{ProtoNames: true, MaxDepth: deep, Limit: 1 << 20})
	checks, err := compiler.Message((&edgetestv1.ListRules{}).ProtoReflect().Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := checks.Check(malformed, time.Now()); err == nil {
			t.Fatal("a number of 65 bits was taken for one")
		}
		violations, err := checks.Check(whole, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range violations {
			if v.Rule == "repeated.unique" {
				t.Fatalf("got %v", v)
			}
		}
	}
}
