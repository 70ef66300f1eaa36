package openapi

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"
)

// texts are texts of a schema.
func (m *sampler) texts(s *Schema, name string, variant int) []any {
	var texts []string
	if s.sample != "" {
		texts = append(texts, s.sample)
	}
	if s.ContentEncoding == "base64" || s.Format == "byte" {
		texts = append(texts, encodedText(s))
	}
	if known := samplesOfFormat[s.Format]; known != "" {
		texts = append(texts, known)
	}
	texts = append(texts, textsOf(name)...)
	for i, text := range texts {
		if variant > 0 {
			texts[i] = fmt.Sprintf("%s-%d", text, variant+1)
		}
	}
	if s.MinLength != nil || s.MaxLength != nil {
		for _, text := range slices.Clone(texts) {
			texts = append(texts, fitted(s, text))
		}
	}
	if s.Format == "int64" || s.Format == "uint64" {
		texts = append(pick(variant == 0, append([]string{s.sample}, numbersFor(name)...), nil), fmt.Sprint(variant+1))
	}
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	return values
}

// encodedText is a text in base64 that is as long as a schema wants it.
func encodedText(s *Schema) string {
	const words = "hello "
	size := len(words) - 1
	if s.MinLength != nil {
		size = max(size, int(min(*s.MinLength, 4*longestSpelling)+3)/4*3)
	}
	if s.MaxLength != nil {
		size = min(size, int(min(*s.MaxLength, 4*longestSpelling))/4*3)
	}
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(words, size/len(words)+1)[:size]))
}

// fitted makes a text as long as a schema wants it.
func fitted(s *Schema, text string) string {
	if s.MaxLength != nil {
		for uint64(utf8.RuneCountInString(text)) > *s.MaxLength {
			_, size := utf8.DecodeLastRuneInString(text)
			text = text[:len(text)-size]
		}
		text = strings.TrimRight(text, " -")
	}
	for s.MinLength != nil && text != "" && uint64(len(text)) < min(*s.MinLength, longestSpelling) {
		text += " " + text
	}
	if s.MaxLength != nil && uint64(len(text)) > *s.MaxLength {
		text = strings.TrimSpace(text[:min(*s.MaxLength, uint64(len(text)))])
	}
	return text
}

// patternsOf are all that a text has to match.
func patternsOf(s *Schema) []string {
	var patterns []string
	if s.Pattern != "" {
		patterns = append(patterns, s.Pattern)
	}
	for _, one := range s.AllOf {
		patterns = append(patterns, patternsOf(one)...)
	}
	return patterns
}

// spelled are texts that match the patterns of a schema: longer ones than have to be, for the shortest is hard to read,
// and then of any length, for a length or a second pattern may need it.
func (m *sampler) spelled(s *Schema, _ string, variant int) []any {
	var values []any
	for _, pattern := range patternsOf(s) {
		for _, extra := range []int{2, 1, 0, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64} {
			if text := spell(pattern, extra+variant); text != "" && m.refusesText(s, text) == nil {
				values = append(values, text)
			}
		}
	}
	return values
}

// numbers are numbers of a schema: those of its name, and those at its bounds.
func numbers(s *Schema, name string, variant int) []any {
	var values []any
	add := func(exact *big.Rat) {
		if exact == nil {
			return
		}
		const digits = 6
		exact = new(big.Rat).Add(exact, big.NewRat(int64(variant), 1))
		text := exact.FloatString(digits)
		if exact.IsInt() {
			text = exact.Num().String()
		}
		values = append(values, json.Number(strings.TrimRight(text, pick(exact.IsInt(), "", "0"))))
	}
	for _, text := range numbersFor(name) {
		add(exactly(text))
	}
	if slices.Contains(s.Type, typeNumber) {
		add(big.NewRat(3, 2))
	}
	step := exactly(s.MultipleOf)
	if step == nil {
		step = big.NewRat(1, 1)
	}
	add(step)
	for _, bound := range []json.Number{s.Minimum, s.ExclusiveMinimum, s.Maximum, s.ExclusiveMaximum} {
		exact := exactly(bound)
		if exact == nil {
			continue
		}
		add(exact)
		for _, to := range []int64{1, -1} {
			add(new(big.Rat).Add(exact, new(big.Rat).Mul(step, big.NewRat(to, 1))))
		}
		add(new(big.Rat).Mul(step, roundedUp(new(big.Rat).Quo(exact, step))))
	}
	if least, most := exactly(cmp.Or(s.Minimum, s.ExclusiveMinimum)), exactly(cmp.Or(s.Maximum, s.ExclusiveMaximum)); least != nil && most != nil {
		add(new(big.Rat).Quo(new(big.Rat).Add(least, most), big.NewRat(2, 1)))
	}
	return values
}

// roundedUp is the next whole number.
func roundedUp(exact *big.Rat) *big.Rat {
	whole := new(big.Int).Quo(exact.Num(), exact.Denom())
	if !exact.IsInt() && exact.Sign() > 0 {
		whole.Add(whole, big.NewInt(1))
	}
	return new(big.Rat).SetInt(whole)
}
