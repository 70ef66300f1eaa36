package access_test

import (
	"errors"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	cartv1 "github.com/gatehouse-edge/gatehouse/gen/shop/cart/v1"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/access"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

var checkout = (*cartv1.CheckoutRequest)(nil).ProtoReflect().Descriptor()

// said reads an access as a proto writes it.
func said(t *testing.T, text string) *gatehousev1.Access {
	t.Helper()
	a := new(gatehousev1.Access)
	if err := prototext.Unmarshal([]byte(text), a); err != nil {
		t.Fatal(err)
	}
	return a
}

// read reads fields with protobuf's own library.
func read(path schema.FieldPath) func([]byte) string {
	return func(wire []byte) string {
		m := new(cartv1.CheckoutRequest)
		if err := proto.Unmarshal(wire, m); err != nil {
			return ""
		}
		var v protoreflect.Value
		at := m.ProtoReflect()
		for i, fd := range path {
			v = at.Get(fd)
			if i < len(path)-1 {
				at = v.Message()
			}
		}
		return v.String()
	}
}

func compile(t *testing.T, text string) *access.Rule {
	t.Helper()
	rule, problems := access.Compile(said(t, text), checkout, read)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return rule
}

// reasonOf is that of a refusal, "" for none.
func reasonOf(err error) fault.Reason {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Reason
	}
	return ""
}

func TestARuleLetsThroughWhomItNames(t *testing.T) {
	t.Parallel()
	nobody := (*principal.Principal)(nil)
	plain := &principal.Principal{Subject: "c-1"}
	reader := &principal.Principal{Subject: "c-1", Scopes: []string{"read"}}
	both := &principal.Principal{Subject: "c-1", Scopes: []string{"write", "read"}}
	for _, c := range []struct {
		rule   string
		caller *principal.Principal
		want   fault.Reason
	}{
		{"", nobody, fault.Forbidden},
		{"", both, fault.Forbidden},
		{"public: true", nobody, ""},
		{"public: true", plain, ""},
		{"authenticated: true", nobody, fault.Unauthenticated},
		{"authenticated: true", plain, ""},
		{"fields {field: 'customer_id'}", nobody, fault.Unauthenticated},
		{"fields {field: 'customer_id'}", plain, ""},
		{"any_scope {scopes: ['read', 'write']}", nobody, fault.Unauthenticated},
		{"any_scope {scopes: ['read', 'write']}", plain, fault.Forbidden},
		{"any_scope {scopes: ['read', 'write']}", reader, ""},
		{"all_scopes {scopes: ['read', 'write']}", reader, fault.Forbidden},
		{"all_scopes {scopes: ['read', 'write']}", both, ""},
	} {
		if got := reasonOf(compile(t, c.rule).Admit(c.caller)); got != c.want {
			t.Errorf("%q lets %v through with %q, want %q", c.rule, c.caller, got, c.want)
		}
	}
}

func TestACustomerActsForNobodyElse(t *testing.T) {
	t.Parallel()
	own := compile(t, "fields {field: 'customer_id' unless_scope: 'admin'}")
	address := compile(t, "fields {field: 'ship_to.city' claim: 'city'}")
	days := compile(t, "fields {field: 'delivery_days' claim: 'days'}")
	caller := &principal.Principal{Subject: "c-1", Claims: map[string]any{"city": "Ulm", "days": float64(3), "list": []any{"c-2"}}}
	admin := &principal.Principal{Subject: "s-1", Scopes: []string{"admin"}}
	for name, c := range map[string]struct {
		rule    *access.Rule
		caller  *principal.Principal
		message *cartv1.CheckoutRequest
		later   bool
		want    fault.Reason
	}{
		"own":                     {own, caller, &cartv1.CheckoutRequest{CustomerId: "c-1"}, false, ""},
		"another's":               {own, caller, &cartv1.CheckoutRequest{CustomerId: "c-2"}, false, fault.Forbidden},
		"nobody's":                {own, caller, &cartv1.CheckoutRequest{}, false, fault.Forbidden},
		"in another case":         {own, caller, &cartv1.CheckoutRequest{CustomerId: "C-1"}, false, fault.Forbidden},
		"with a blank":            {own, caller, &cartv1.CheckoutRequest{CustomerId: "c-1 "}, false, fault.Forbidden},
		"of no subject":           {own, &principal.Principal{}, &cartv1.CheckoutRequest{}, false, fault.Forbidden},
		"anybody's for admins":    {own, admin, &cartv1.CheckoutRequest{CustomerId: "c-2"}, false, ""},
		"a later message without": {own, caller, &cartv1.CheckoutRequest{}, true, ""},
		"a later message with":    {own, caller, &cartv1.CheckoutRequest{CustomerId: "c-2"}, true, fault.Forbidden},
		"a claim":                 {address, caller, checkoutTo("Ulm"), false, ""},
		"not the claim":           {address, caller, checkoutTo("Bonn"), false, fault.Forbidden},
		"no claim":                {address, admin, checkoutTo(""), false, fault.Forbidden},
		"a number":                {days, caller, &cartv1.CheckoutRequest{DeliveryDays: new(int32(3))}, false, ""},
		"another number":          {days, caller, &cartv1.CheckoutRequest{DeliveryDays: new(int32(4))}, false, fault.Forbidden},
	} {
		wire, err := proto.Marshal(c.message)
		if err != nil {
			t.Fatal(err)
		}
		if got := reasonOf(c.rule.AdmitMessage(c.caller, wire, !c.later)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestWhatIsWrongWithARuleIsNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"public: false":                                 "access.public: false says nothing; say who may call",
		"any_scope {}":                                  "access.any_scope: names no scope",
		"all_scopes {scopes: ['a b']}":                  `access.all_scopes: "a b" is no scope: it is printable, and has no blanks, quotes or backslashes`,
		"public: true fields {field: 'customer_id'}":    "access.fields: callers of a public method have no claims; say authenticated, or leave them out",
		"fields {field: 'customer'}":                    `access.fields[0]: message shop.cart.v1.CheckoutRequest has no field "customer"; it has cart_id, customer_id, ship_to, delivery_days, card_token, gift_card, invoice, etag`,
		"fields {field: 'ship_to'}":                     "access.fields[0]: field shop.cart.v1.CheckoutRequest.ship_to is a message; name one of its fields, such as ship_to.recipient",
		"fields {field: 'card_token'}":                  "access.fields[0]: field shop.cart.v1.CheckoutRequest.card_token is of the oneof payment, of which another member can take its place",
		"fields {field: 'ship_to.lines'}":               "access.fields[0]: field shop.orders.v1.Address.lines is repeated; one value is needed",
		"fields {field: 'cart_id' unless_scope: 'a b'}": `access.fields[0].unless_scope: "a b" is no scope`,
	} {
		_, problems := access.Compile(said(t, text), checkout, read)
		if len(problems) != 1 || problems[0] != want {
			t.Errorf("%s:\n got %q\nwant %q", text, problems, want)
		}
	}
	hidden := func(schema.FieldPath) func([]byte) string { return nil }
	_, problems := access.Compile(said(t, "fields {field: 'cart_id'}"), checkout, hidden)
	if len(problems) != 1 || problems[0] != "access.fields[0]: field cart_id is hidden from those who call, so they can not say it" {
		t.Errorf("a hidden field: %q", problems)
	}
}

func checkoutTo(city string) *cartv1.CheckoutRequest {
	m := new(cartv1.CheckoutRequest)
	fd := checkout.Fields().ByName("ship_to")
	m.ProtoReflect().Mutable(fd).Message().Set(fd.Message().Fields().ByName("city"), protoreflect.ValueOfString(city))
	return m
}

// TestLooseningIsNoticed tries every pair of some rules with every caller: one rule loosens another if it lets somebody
// through whom the other refuses.
func TestLooseningIsNoticed(t *testing.T) {
	t.Parallel()
	rules := []string{
		"", "public: true", "authenticated: true", "fields {field: 'customer_id'}",
		"any_scope {scopes: ['a']}", "any_scope {scopes: ['a', 'b']}", "all_scopes {scopes: ['a', 'b']}", "all_scopes {scopes: ['b']}",
		"any_scope {scopes: ['a']} fields {field: 'customer_id'}", "any_scope {scopes: ['a']} fields {field: 'customer_id' unless_scope: 'b'}",
	}
	callers := []*principal.Principal{nil, {Subject: "s"}, {Subject: "s", Scopes: []string{"a"}}, {Subject: "s", Scopes: []string{"b"}}, {Subject: "s", Scopes: []string{"a", "b"}}}
	messages := [][]byte{nil, mustMarshal(t, &cartv1.CheckoutRequest{CustomerId: "s"})}
	for _, from := range rules {
		for _, to := range rules {
			before, after, want := compile(t, from), compile(t, to), false
			for _, caller := range callers {
				for _, wire := range messages {
					through := func(r *access.Rule) bool {
						return r.Admit(caller) == nil && r.AdmitMessage(caller, wire, true) == nil
					}
					want = want || through(after) && !through(before)
				}
			}
			if got := access.Loosens(said(t, from), said(t, to)); got != want {
				t.Errorf("from %q to %q: loosens is %v, want %v", from, to, got, want)
			}
		}
	}
}

func mustMarshal(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
