package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
)

// The grammar, a small part of AIP-160:
//
//	filter     = [ comparison { "AND" comparison } ]
//	comparison = field operator value
//	operator   = "=" | "!=" | "<" | "<=" | ">" | ">=" | ":"
//	value      = a quoted string, in which \" and \\ are escapes, or a word

var numbers = map[string]func(*catalogv1.Product) float64{
	"price":   func(p *catalogv1.Product) float64 { return amount(p.GetPrice()) },
	"rating":  func(p *catalogv1.Product) float64 { return p.GetRating() },
	"reviews": func(p *catalogv1.Product) float64 { return float64(p.GetReviewCount()) },
	"stock":   func(p *catalogv1.Product) float64 { return float64(p.GetStock()) },
}

var texts = map[string]func(*catalogv1.Product) []string{
	"id":       func(p *catalogv1.Product) []string { return []string{p.GetId()} },
	"sku":      func(p *catalogv1.Product) []string { return []string{p.GetSku()} },
	"name":     func(p *catalogv1.Product) []string { return []string{p.GetName()} },
	"summary":  func(p *catalogv1.Product) []string { return []string{p.GetSummary()} },
	"category": func(p *catalogv1.Product) []string { return []string{p.GetCategory()} },
	"tag":      (*catalogv1.Product).GetTags,
	"status": func(p *catalogv1.Product) []string {
		return []string{strings.TrimPrefix(p.GetStatus().String(), "PRODUCT_STATUS_")}
	},
}

// lexeme is a word, a quoted string or an operator, and where it begins.
type lexeme struct {
	text   string
	quoted bool
	offset int
}

// parseFilter returns the comparisons of a filter; all must hold. A filter that is not of the grammar is an
// INVALID_ARGUMENT that names the byte offset.
func parseFilter(filter string) ([]condition, error) {
	lexemes, err := scan(filter)
	if err != nil {
		return nil, err
	}
	var all []condition
	for len(lexemes) > 0 {
		if len(lexemes) < 3 {
			return nil, badFilter(len(filter), "ends in the middle of a comparison: write field, operator, value")
		}
		c, err := compile(lexemes[0], lexemes[1], lexemes[2])
		if err != nil {
			return nil, err
		}
		all = append(all, c)
		lexemes = lexemes[3:]
		if len(lexemes) == 0 {
			break
		}
		if lexemes[0].quoted || lexemes[0].text != "AND" {
			return nil, badFilter(lexemes[0].offset, fmt.Sprintf("expected AND, found %q", lexemes[0].text))
		}
		if lexemes = lexemes[1:]; len(lexemes) == 0 {
			return nil, badFilter(len(filter), "expected a comparison after AND")
		}
	}
	return all, nil
}

func compile(field, operator, value lexeme) (condition, error) {
	holds, known := comparisons[operator.text]
	if operator.quoted || !known && operator.text != ":" {
		return nil, badFilter(operator.offset, fmt.Sprintf("%q is not an operator: one of = != < <= > >= : belongs here", operator.text))
	}
	if number, ok := numbers[field.text]; ok {
		want, err := strconv.ParseFloat(value.text, 64)
		if err != nil || operator.text == ":" {
			return nil, badFilter(value.offset, fmt.Sprintf("%s is compared with a number, by = != < <= > or >=", field.text))
		}
		return func(p *catalogv1.Product) bool { return holds(cmp.Compare(number(p), want)) }, nil
	}
	if field.text == "featured" {
		want, err := strconv.ParseBool(value.text)
		if err != nil || operator.text != "=" {
			return nil, badFilter(value.offset, "featured is compared by = with true or false")
		}
		return func(p *catalogv1.Product) bool { return p.GetFeatured() == want }, nil
	}
	if text, ok := texts[field.text]; ok {
		return compileText(text, field, operator, value)
	}
	return nil, badFilter(field.offset, fmt.Sprintf("there is no field %q: %s", field.text, knownFields()))
}

func compileText(text func(*catalogv1.Product) []string, field, operator, value lexeme) (condition, error) {
	want := strings.ToLower(value.text)
	equals := func(have string) bool { return strings.EqualFold(have, value.text) }
	switch operator.text {
	case "=":
		return func(p *catalogv1.Product) bool { return slices.ContainsFunc(text(p), equals) }, nil
	case "!=":
		return func(p *catalogv1.Product) bool { return !slices.ContainsFunc(text(p), equals) }, nil
	case ":":
		return func(p *catalogv1.Product) bool {
			return slices.ContainsFunc(text(p), func(have string) bool { return strings.Contains(strings.ToLower(have), want) })
		}, nil
	}
	return nil, badFilter(operator.offset, fmt.Sprintf("%s is text, which is compared by =, != or :", field.text))
}

var comparisons = map[string]func(int) bool{
	"=":  func(c int) bool { return c == 0 },
	"!=": func(c int) bool { return c != 0 },
	"<":  func(c int) bool { return c < 0 },
	"<=": func(c int) bool { return c <= 0 },
	">":  func(c int) bool { return c > 0 },
	">=": func(c int) bool { return c >= 0 },
}

const operatorBytes = "=!<>:"

func scan(filter string) ([]lexeme, error) {
	var all []lexeme
	for at := 0; at < len(filter); {
		begin := at
		switch c := filter[at]; {
		case c == ' ' || c == '\t':
			at++
		case c == '"':
			text, end, ok := unquote(filter, at)
			if !ok {
				return nil, badFilter(begin, "a quote is opened here and never closed")
			}
			all = append(all, lexeme{text, true, begin})
			at = end
		case strings.IndexByte(operatorBytes, c) >= 0:
			for at < len(filter) && strings.IndexByte(operatorBytes, filter[at]) >= 0 {
				at++
			}
			all = append(all, lexeme{filter[begin:at], false, begin})
		default:
			for at < len(filter) && strings.IndexByte(operatorBytes+" \t\"", filter[at]) < 0 {
				at++
			}
			all = append(all, lexeme{filter[begin:at], false, begin})
		}
	}
	return all, nil
}

// unquote reads the quoted string that begins at an offset, and returns the offset after it.
func unquote(filter string, at int) (text string, end int, ok bool) {
	var b strings.Builder
	for at++; at < len(filter); at++ {
		switch filter[at] {
		case '"':
			return b.String(), at + 1, true
		case '\\':
			if at++; at == len(filter) {
				return "", 0, false
			}
		}
		b.WriteByte(filter[at])
	}
	return "", 0, false
}

func knownFields() string {
	names := []string{"featured"}
	for name := range numbers {
		names = append(names, name)
	}
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	return "one of " + strings.Join(names, ", ") + " belongs here"
}

func badFilter(offset int, description string) error {
	return problem.InvalidArgument(problem.Violation{
		Field:       "filter",
		Description: fmt.Sprintf("at offset %d: %s", offset, description),
	})
}
