package validate_test

import (
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	cartv1 "github.com/gatehouse-edge/gatehouse/gen/shop/cart/v1"
	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	"github.com/gatehouse-edge/gatehouse/internal/validate"
)

// ruled are messages with every kind of rule.
func ruled() []proto.Message {
	return []proto.Message{
		&edgetestv1.SignedRules{}, &edgetestv1.UnsignedRules{}, &edgetestv1.FixedRules{}, &edgetestv1.RealRules{},
		&edgetestv1.TextRules{}, &edgetestv1.FormatRules{}, &edgetestv1.BytesRules{}, &edgetestv1.ChoiceRules{},
		&edgetestv1.NestingRules{}, &edgetestv1.ListRules{}, &edgetestv1.MapRules{}, &edgetestv1.KnownRules{},
		&edgetestv1.TimeRules{}, &edgetestv1.WrapperRules{}, &edgetestv1.PresenceRules{}, &edgetestv1.OneofRules{},
		&edgetestv1.Rules{}, &edgetestv1.Proto2Rules{},
		&cartv1.AddItemRequest{}, &cartv1.CheckoutRequest{}, &catalogv1.CreateProductRequest{}, &catalogv1.ListProductsRequest{},
	}
}

func contests(tb testing.TB) []contest {
	tb.Helper()
	compiler := validate.NewCompiler(linked(tb), validate.Options{ProtoNames: true, MaxDepth: deep, Limit: 1 << 20})
	var all []contest
	for _, m := range ruled() {
		all = append(all, newContest(tb, compiler, m))
	}
	return all
}

func TestVerdictsAreThoseOfTheGeneratedValidators(t *testing.T) {
	t.Parallel()
	rounds := 400
	if testing.Short() {
		rounds = 40
	}
	for i, c := range contests(t) {
		t.Run(string(c.message.ProtoReflect().Descriptor().Name()), func(t *testing.T) {
			t.Parallel()
			g := &generator{rand.New(rand.NewPCG(uint64(i), 1))}
			c.play(t, nil)
			for range rounds {
				if t.Failed() {
					return
				}
				m := c.message.ProtoReflect().New()
				g.fill(m, 3)
				wire, err := proto.MarshalOptions{AllowPartial: true, Deterministic: true}.Marshal(m.Interface())
				if err != nil {
					t.Fatal(err)
				}
				c.play(t, wire)
				c.play(t, g.scramble(wire, m.Descriptor(), 4))
				c.play(t, g.damage(wire))
			}
		})
	}
}

// Every value that the generator knows, in every field by itself.
func TestEveryFieldIsJudgedAsTheGeneratedValidatorsDo(t *testing.T) {
	t.Parallel()
	for i, c := range contests(t) {
		t.Run(string(c.message.ProtoReflect().Descriptor().Name()), func(t *testing.T) {
			t.Parallel()
			g := &generator{rand.New(rand.NewPCG(uint64(i), 2))}
			fields := c.message.ProtoReflect().Descriptor().Fields()
			for i := range fields.Len() {
				for range 200 {
					if t.Failed() {
						return
					}
					m := c.message.ProtoReflect().New()
					g.set(m, fields.Get(i), 2)
					wire, err := proto.MarshalOptions{AllowPartial: true}.Marshal(m.Interface())
					if err != nil {
						t.Fatal(err)
					}
					c.play(t, wire)
				}
			}
		})
	}
}

// damage changes, cuts and repeats bytes at random.
func (g *generator) damage(wire []byte) []byte {
	b := append([]byte(nil), wire...)
	for range 1 + g.IntN(3) {
		if len(b) == 0 {
			return b
		}
		at := g.IntN(len(b))
		switch g.IntN(4) {
		case 0:
			b[at] = byte(g.IntN(256))
		case 1:
			b[at] ^= 1 << g.IntN(8)
		case 2:
			b = b[:at]
		default:
			b = append(b, b[at:]...)
		}
	}
	return b
}

func FuzzVerdicts(f *testing.F) {
	all := contests(f)
	g := &generator{rand.New(rand.NewPCG(3, 3))}
	for i, c := range all {
		m := c.message.ProtoReflect().New()
		g.fill(m, 2)
		wire, err := proto.MarshalOptions{AllowPartial: true}.Marshal(m.Interface())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, wire)
	}
	f.Fuzz(func(t *testing.T, i int, wire []byte) {
		if i < 0 || i >= len(all) {
			return
		}
		all[i].play(t, wire)
	})
}
