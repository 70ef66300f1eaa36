package openapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// refuses holds a value against a schema, and returns why it is none of its values: the examples that a document offers
// have to be good. It knows the words that the schemas of documents are made of. A pattern that Go can not read refuses
// everything, for nobody knows then.
func (b *builder) refuses(s *Schema, value any) error {
	if s == nil {
		return nil
	}
	if s.never {
		return errors.New("there may be nothing")
	}
	if target := b.targetOf(s); target != nil {
		if err := b.refuses(target, value); err != nil {
			return err
		}
	}
	for _, check := range []func(*Schema, any) error{refusesType, b.refusesCombination, refusesListed} {
		if err := check(s, value); err != nil {
			return err
		}
	}
	switch value := value.(type) {
	case string:
		return b.refusesText(s, value)
	case []any:
		return b.refusesList(s, value)
	case Map[any]:
		return b.refusesObject(s, value)
	case bool, nil:
		return nil
	default:
		return refusesNumber(s, value)
	}
}

// targetOf is the schema that another refers to; nil where it does not.
func (b *builder) targetOf(s *Schema) *Schema {
	if s.target != nil {
		return s.target.schema
	}
	target, _ := b.doc.Components.Schemas.Get(strings.TrimPrefix(s.Ref, "#/components/schemas/"))
	return target
}

func refusesType(s *Schema, value any) error {
	kind := typeOf(value)
	if len(s.Type) == 0 || slices.Contains(s.Type, kind) {
		return nil
	}
	if exact := exactly(value); kind == typeNumber && slices.Contains(s.Type, typeInteger) && exact != nil && exact.IsInt() {
		return nil
	}
	return fmt.Errorf("it is %s and has to be %s", kind, strings.Join(s.Type, " or "))
}

func typeOf(value any) string {
	switch value.(type) {
	case nil:
		return typeNull
	case bool:
		return typeBoolean
	case string:
		return typeString
	case []any:
		return typeArray
	case Map[any]:
		return typeObject
	default:
		return typeNumber
	}
}

// exactly is a number without rounding; nil if it is none.
func exactly(value any) *big.Rat {
	exact, ok := new(big.Rat).SetString(fmt.Sprint(value))
	if !ok {
		return nil
	}
	return exact
}

// isSame tells whether two values are one in JSON.
func isSame(x, y any) bool {
	if typeOf(x) != typeOf(y) {
		return false
	}
	if typeOf(x) == typeNumber {
		first, second := exactly(x), exactly(y)
		return first != nil && second != nil && first.Cmp(second) == 0
	}
	first, err := marshal(x)
	second, otherErr := marshal(y)
	return err == nil && otherErr == nil && bytes.Equal(first, second)
}

func refusesListed(s *Schema, value any) error {
	if s.Const != nil && !isSame(s.Const, value) {
		return fmt.Errorf("it has to be %v", s.Const)
	}
	if len(s.Enum) > 0 && !slices.ContainsFunc(s.Enum, func(one any) bool { return isSame(one, value) }) {
		return errors.New("it is none of the values that are listed")
	}
	return nil
}

func (b *builder) refusesCombination(s *Schema, value any) error {
	for _, one := range s.AllOf {
		if err := b.refuses(one, value); err != nil {
			return err
		}
	}
	fits := func(one *Schema) bool { return b.refuses(one, value) == nil }
	if len(s.AnyOf) > 0 && !slices.ContainsFunc(s.AnyOf, fits) {
		return errors.New("it is none of the kinds of values that there may be")
	}
	count := 0
	for _, one := range s.OneOf {
		if fits(one) {
			count++
		}
	}
	if len(s.OneOf) > 0 && count != 1 {
		return fmt.Errorf("it is of %d kinds of values, and has to be of one", count)
	}
	if s.Not != nil && fits(s.Not) {
		return errors.New("it is what it may not be")
	}
	return nil
}

func refusesNumber(s *Schema, value any) error {
	if s.Minimum+s.Maximum+s.ExclusiveMinimum+s.ExclusiveMaximum+s.MultipleOf == "" && s.Format != "int32" {
		return nil
	}
	exact := exactly(value)
	if exact == nil {
		return fmt.Errorf("%v is no number", value)
	}
	for _, bound := range []struct {
		is     json.Number
		breaks func(int) bool
		text   string
	}{
		{s.Minimum, func(c int) bool { return c < 0 }, "less than"}, {s.Maximum, func(c int) bool { return c > 0 }, "more than"},
		{s.ExclusiveMinimum, func(c int) bool { return c <= 0 }, "not more than"}, {s.ExclusiveMaximum, func(c int) bool { return c >= 0 }, "not less than"},
	} {
		if limit := exactly(bound.is); limit != nil && bound.breaks(exact.Cmp(limit)) {
			return fmt.Errorf("%v is %s %s", value, bound.text, bound.is)
		}
	}
	if step := exactly(s.MultipleOf); step != nil && step.Sign() > 0 && !new(big.Rat).Quo(exact, step).IsInt() {
		return fmt.Errorf("%v is no multiple of %s", value, s.MultipleOf)
	}
	if s.Format == "int32" && (exact.Cmp(big.NewRat(-1<<31, 1)) < 0 || exact.Cmp(big.NewRat(1<<31-1, 1)) > 0) {
		return fmt.Errorf("%v has more than 32 bits", value)
	}
	return nil
}

func (b *builder) refusesText(s *Schema, text string) error {
	length := uint64(utf8.RuneCountInString(text))
	switch {
	case s.MinLength != nil && length < *s.MinLength:
		return fmt.Errorf("%q is shorter than %d", text, *s.MinLength)
	case s.MaxLength != nil && length > *s.MaxLength:
		return fmt.Errorf("%q is longer than %d", text, *s.MaxLength)
	}
	if s.Pattern != "" {
		if pattern := b.compiled(s.Pattern); pattern == nil || !pattern.MatchString(text) {
			return fmt.Errorf("%q does not match %s", text, s.Pattern)
		}
	}
	if s.ContentEncoding == "base64" {
		if _, err := base64.StdEncoding.DecodeString(text); err != nil {
			return fmt.Errorf("%q is no base64", text)
		}
	}
	if isOf := formats[s.Format]; isOf != nil && !isOf(text) {
		return fmt.Errorf("%q is no %s", text, s.Format)
	}
	return nil
}

// compiled is a pattern that Go can read; nil for another.
func (b *builder) compiled(pattern string) *regexp.Regexp {
	if known, ok := b.patterns[pattern]; ok {
		return known
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		re = nil
	}
	b.patterns[pattern] = re
	return re
}

var (
	uuid     = regexp.MustCompile(`^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	hostname = regexp.MustCompile(`^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?$`)
)

// formats tell whether a text is of a format.
var formats = map[string]func(string) bool{
	"int64":         func(s string) bool { _, err := strconv.ParseInt(s, 10, 64); return err == nil },
	"uint64":        func(s string) bool { _, err := strconv.ParseUint(s, 10, 64); return err == nil },
	"date-time":     func(s string) bool { _, err := time.Parse(time.RFC3339Nano, s); return err == nil },
	"date":          func(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil },
	"uuid":          uuid.MatchString,
	"hostname":      func(s string) bool { return len(s) < 254 && hostname.MatchString(s) },
	"ipv4":          func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() },
	"ipv6":          func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() && a.Zone() == "" },
	"email":         func(s string) bool { a, err := mail.ParseAddress(s); return err == nil && a.Address == s },
	"uri":           func(s string) bool { u, err := url.Parse(s); return err == nil && u.IsAbs() },
	"uri-reference": func(s string) bool { _, err := url.Parse(s); return err == nil },
}

func (b *builder) refusesList(s *Schema, list []any) error {
	length := uint64(len(list))
	switch {
	case s.MinItems != nil && length < *s.MinItems:
		return fmt.Errorf("it has fewer than %d items", *s.MinItems)
	case s.MaxItems != nil && length > *s.MaxItems:
		return fmt.Errorf("it has more than %d items", *s.MaxItems)
	}
	for i, item := range list {
		if s.UniqueItems && slices.ContainsFunc(list[:i], func(other any) bool { return isSame(item, other) }) {
			return fmt.Errorf("item %d is there already", i)
		}
		if s.Items != nil {
			if err := b.refuses(s.Items, item); err != nil {
				return fmt.Errorf("item %d: %w", i, err)
			}
		}
	}
	return nil
}

func (b *builder) refusesObject(s *Schema, object Map[any]) error {
	size := uint64(object.Len())
	switch {
	case s.MinProperties != nil && size < *s.MinProperties:
		return fmt.Errorf("it has fewer than %d members", *s.MinProperties)
	case s.MaxProperties != nil && size > *s.MaxProperties:
		return fmt.Errorf("it has more than %d members", *s.MaxProperties)
	}
	for _, name := range s.Required {
		if _, ok := object.Get(name); !ok {
			return fmt.Errorf("%s is missing", name)
		}
	}
	for name, value := range object.All() {
		member, known := s.Properties.Get(name)
		if !known {
			member = s.Additional
		}
		if err := b.refuses(member, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := b.refuses(s.PropertyNames, name); err != nil {
			return fmt.Errorf("the name %s: %w", name, err)
		}
		if depending, ok := s.DependentSchemas.Get(name); ok {
			if err := b.refuses(depending, object); err != nil {
				return fmt.Errorf("beside %s: %w", name, err)
			}
		}
	}
	return nil
}
