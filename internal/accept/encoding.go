package accept

import "strings"

// Encoding returns the offered content coding that the Accept-Encoding header prefers, or "" for none (identity): a
// client that sends no such header gets none, although RFC 9110 would let it have any. Offers stand in the server's
// order of preference, without identity, which comes last among equals. x-gzip is gzip.
//
// It reports false if the client excludes even identity. RFC 9110, section 12.5.3, permits both answers to that, 406
// and a response without a coding.
func Encoding(header, offers []string) (coding string, ok bool) {
	highest := 0
	for _, offer := range offers {
		w, _ := codingWeight(header, offer)
		if w == heaviest {
			return offer, true
		}
		if w > highest {
			coding, highest = offer, w
		}
	}
	identity, named := codingWeight(header, "identity")
	if !named || highest >= identity && highest > 0 {
		return coding, true
	}
	return "", identity > 0
}

// codingWeight returns the weight that the header gives to a coding, by its name or else by "*". It reports false if
// the header has neither.
func codingWeight(header []string, coding string) (weight int, named bool) {
	for e := range elements(header, isToken) {
		switch {
		case isCoding(e.value, coding):
			return e.weight, true
		case e.value == "*" && !named:
			weight, named = e.weight, true
		}
	}
	return weight, named
}

func isCoding(value, coding string) bool {
	return strings.EqualFold(value, coding) || coding == "gzip" && strings.EqualFold(value, "x-gzip")
}
