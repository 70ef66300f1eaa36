package validate_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/validate"
)

const badOrder = `
	id: "x" total: 2 lines {units: 3 sku_code: "a"} lines {units: 3 part {}} labels {key: "toolong" value: ""} cost_price: 9
	coupon_code: "Zürich" deliver_at {seconds: 5} counts: 1 counts: 100 note: "x" bare: "abcdef"
	extra {[type.googleapis.com/orders.v1.Line] {part {units: 3}}}
`

func TestRulesOfProtovalidate(t *testing.T) {
	t.Parallel()
	set := folder(t, "library")
	all := []string{
		"extra.skuCode: is required (required)",
		"extra.part.skuCode: is required (required)",
		"note: must be at least 2 characters long (string.min_len)",
		": no line may have more units than the total (order.units)",
		": the cost is above the total (order.margin)",
		": one of homeAddress, secretAddress, workAddress must be set (message.oneof)",
		"payment: one of cardToken or giftCard is required (required)",
		"id: must be a valid UUID (string.uuid)",
		"lines[1].skuCode: is required (required)",
		"lines[1].part.skuCode: is required (required)",
		`labels["toolong"]: the key must be at most 4 characters (string.max_len)`,
		`labels["toolong"]: must be at least 1 characters (string.min_len)`,
		"couponCode: the coupon Zürich is not one of ours (coupon)",
		"deliverAt: must be greater than now (timestamp.gt_now)",
		"counts[1]: must be less than 100 (int32.lt)",
		"bare: must satisfy size(this) < 5 (size(this) < 5)",
	}
	public := slices.Clone(all)
	public[5] = ": one of homeAddress, workAddress must be set (message.oneof)"
	public = slices.Delete(public, 4, 5)
	for _, c := range []struct {
		labels []string
		want   []string
	}{{[]string{"INTERNAL"}, all}, {nil, public}} {
		compiler := validate.NewCompiler(set, validate.Options{Visible: schema.Visible(c.labels)})
		expect(t, compiler, set, "orders.v1.Order", badOrder, c.want)
	}
}

func TestOrderWithoutFaultPasses(t *testing.T) {
	t.Parallel()
	set := folder(t, "library")
	expect(t, validate.NewCompiler(set, validate.Options{}), set, "orders.v1.Order", `
		id: "123e4567-e89b-12d3-a456-426614174000" total: 9 cost_price: 3 lines {units: 3 sku_code: "a"} home_address: "here"
		gift_card: "" coupon_code: "C" note: "ab"
	`, nil)
}

func TestProtovalidateTellsNothingSecret(t *testing.T) {
	t.Parallel()
	set := folder(t, "library")
	expect(t, validate.NewCompiler(set, validate.Options{}), set, "orders.v1.Secret", `
		password: "abc" tokens {key: "t0p" value {}}
	`, []string{
		`password: breaks the rule "password" (password)`,
		"tokens[…].skuCode: is required (required)",
	})
}

func TestProtovalidateRepeatsNothingLong(t *testing.T) {
	t.Parallel()
	set := folder(t, "library")
	checks, err := validate.NewCompiler(set, validate.Options{}).Message(descriptor(t, set, "orders.v1.Order"))
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("Zürich", 1000)
	found, err := checks.Check(wireOf(t, set, "orders.v1.Order", `coupon_code: "`+long+`"`), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		if strings.Contains(v.Text, long[:65]) {
			t.Errorf("it repeats a long value: %q", v.Text)
		}
	}
}

func TestMessageWithoutRulesHasNoChecks(t *testing.T) {
	t.Parallel()
	set := folder(t, "library")
	checks, err := validate.NewCompiler(set, validate.Options{}).Message(descriptor(t, set, "orders.v1.Plain"))
	if checks != nil || err != nil {
		t.Errorf("got %v, %v", checks, err)
	}
}

// Protovalidate makes an object of every fault that it finds.
func TestLargeMessagesFullOfFaultsAreToldShortly(t *testing.T) {
	t.Parallel()
	set := folder(t, "library")
	checks, err := validate.NewCompiler(set, validate.Options{}).Message(descriptor(t, set, "orders.v1.Order"))
	if err != nil {
		t.Fatal(err)
	}
	wire := wireOf(t, set, "orders.v1.Order", badOrder)
	wire = protowire.AppendBytes(protowire.AppendTag(wire, 15, protowire.BytesType), bytes.Repeat([]byte{0x7f}, 1<<20))
	begin := time.Now()
	found, err := checks.Check(wire, begin)
	if err != nil || time.Since(begin) > 20*time.Second {
		t.Fatal(err, time.Since(begin))
	}
	var counts []string
	for _, line := range lines(found) {
		if strings.HasPrefix(line, "counts") {
			counts = append(counts, line)
		}
	}
	if want := []string{"counts[1]: must be less than 100 (int32.lt)"}; !slices.Equal(counts, want) || len(found) < 10 {
		t.Errorf("got %q", lines(found))
	}
}

func TestProtovalidateRefusesWhatIsNoMessage(t *testing.T) {
	t.Parallel()
	set := folder(t, "library")
	checks, err := validate.NewCompiler(set, validate.Options{}).Message(descriptor(t, set, "orders.v1.Order"))
	if err != nil {
		t.Fatal(err)
	}
	for _, wire := range []string{"\x0a", "\x0a\x05ab", "\x0a\x01\xff", "\x42\x03\x0d\x01\x02", "\x42\x02\x08\x01\x07"} {
		if _, err := checks.Check([]byte(wire), time.Now()); err == nil || errors.Is(err, validate.ErrRules) {
			t.Errorf("%q: got %v", wire, err)
		}
	}
}

func TestFaultsOfRulesAreToldAsSuch(t *testing.T) {
	t.Parallel()
	set := protos(t, `
		import "buf/validate/validate.proto";
		message M {
			repeated int32 list = 1 [(buf.validate.field).cel = {id: "first" expression: "this[7] > 0"}];
		}
	`)
	checks, err := validate.NewCompiler(set, validate.Options{}).Message(descriptor(t, set, "test.M"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := checks.Check([]byte{0x08, 0x01}, time.Now()); !errors.Is(err, validate.ErrRules) {
		t.Errorf("got %v", err)
	}
}

func TestPredefinedRulesOfTheSetAreKnown(t *testing.T) {
	t.Parallel()
	set := protos(t, `edition = "2023";
		import "buf/validate/validate.proto";
		extend buf.validate.StringRules {
			bool shouted = 80048952 [(buf.validate.predefined).cel = {
				id: "string.shouted" message: "must be in upper case" expression: "!rule || this.matches('^[A-Z]*$')"
			}];
		}
		message M { string value = 1 [(buf.validate.field).string.(shouted) = true]; }
	`)
	compiler := validate.NewCompiler(set, validate.Options{})
	expect(t, compiler, set, "test.M", `value: "LOUD"`, nil)
	expect(t, compiler, set, "test.M", `value: "soft"`, []string{"value: must be in upper case (string.shouted)"})
}

func TestPathsOfProtovalidateHaveKeysOfEveryKind(t *testing.T) {
	t.Parallel()
	set := protos(t, `import "buf/validate/validate.proto";
		message M {
			map<int64, string> signed = 1 [(buf.validate.field).map.values.string.min_len = 2];
			map<fixed32, string> unsigned = 2 [(buf.validate.field).map.values.string.min_len = 2];
			map<bool, string> told = 3 [(buf.validate.field).map.values.string.min_len = 2];
			map<string, M> within = 4;
		}
	`)
	expect(t, validate.NewCompiler(set, validate.Options{}), set, "test.M", `
		signed {key: 3} signed {key: -7} unsigned {key: 4000000000} told {key: true} within {key: "b" value {told {}}} within {key: "a" value {signed {}}}
	`, []string{
		"signed[-7]: must be at least 2 characters (string.min_len)",
		"signed[3]: must be at least 2 characters (string.min_len)",
		"unsigned[4000000000]: must be at least 2 characters (string.min_len)",
		"told[true]: must be at least 2 characters (string.min_len)",
		`within["a"].signed[0]: must be at least 2 characters (string.min_len)`,
		`within["b"].told[false]: must be at least 2 characters (string.min_len)`,
	})
}

func FuzzProtovalidate(f *testing.F) {
	set := folder(f, "library")
	checks, err := validate.NewCompiler(set, validate.Options{Visible: schema.Visible(nil)}).Message(descriptor(f, set, "orders.v1.Order"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wireOf(f, set, "orders.v1.Order", badOrder))
	f.Add([]byte("\x42\x02\x08\x01"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		found, err := checks.Check(wire, time.Now())
		if errors.Is(err, validate.ErrRules) {
			t.Error(err)
		}
		for _, v := range found {
			if v.Rule == "coupon" {
				continue // it repeats what it was given
			}
			if strings.Contains(v.Path+v.Text, "cost") || strings.Contains(v.Path+v.Text, "secret_") {
				t.Errorf("it tells of what is hidden: %v", v)
			}
		}
	})
}
