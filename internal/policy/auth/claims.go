package auth

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// claims are what a token says, as JSON values.
type claims map[string]any

// endOfTime is what times are taken for that are later: some issuers write the largest number for never.
const endOfTime = 253_402_300_799 // the end of the year 9999

// time reads a time of RFC 7519: seconds since 1970, maybe with a fraction.
func (c claims) time(name string) (at time.Time, given bool, err error) {
	value, given := c[name]
	if !given {
		return time.Time{}, false, nil
	}
	number, ok := value.(json.Number)
	if !ok {
		return time.Time{}, true, fmt.Errorf("%s is no number", name)
	}
	seconds, err := number.Float64()
	if err != nil {
		return time.Time{}, true, fmt.Errorf("%s: %w", name, err)
	}
	seconds = min(max(seconds, 0), endOfTime)
	return time.UnixMilli(int64(seconds * 1000)), true, nil
}

// holdAt tells whether it is the time of a token, and until when that stays so.
func (c claims) holdAt(now time.Time, leeway time.Duration) (until time.Time, err error) {
	expires, given, err := c.time("exp")
	if err != nil || !given {
		return time.Time{}, refuseBecause("the token does not say when it expires", err)
	}
	until = expires.Add(leeway)
	if !now.Before(until) {
		return time.Time{}, refuse("the token has expired")
	}
	for _, name := range []string{"nbf", "iat"} {
		from, _, err := c.time(name)
		if err != nil {
			return time.Time{}, refuseBecause("the token is malformed", err)
		}
		if from.After(now.Add(leeway)) {
			return time.Time{}, refuse("the token is not valid yet")
		}
	}
	return until, nil
}

// forOne tells whether the token is meant for one of some audiences (RFC 7519, section 4.1.3).
func (c claims) forOne(audiences []string) bool {
	if one, ok := c["aud"].(string); ok {
		return slices.Contains(audiences, one)
	}
	return slices.ContainsFunc(texts(c["aud"]), func(one string) bool { return slices.Contains(audiences, one) })
}

// scopes are what a claim allows: texts, or one with blanks between them (RFC 8693, section 4.2).
func (c claims) scopes(name string) []string {
	if all, ok := c[name].(string); ok {
		return strings.Fields(all)
	}
	return texts(c[name])
}

// texts returns a list of texts, or nil if it is something else.
func texts(value any) []string {
	list, _ := value.([]any)
	all := make([]string, 0, len(list))
	for _, v := range list {
		text, ok := v.(string)
		if !ok {
			return nil
		}
		all = append(all, text)
	}
	return all
}
