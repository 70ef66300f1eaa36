package accept

import (
	"slices"
	"strings"
)

// fit is how closely a media range describes an offer. The closest range gives the offer its weight.
type fit uint8

const (
	noFit      fit = iota
	anyType        // */*
	anySubtype     // text/*
	roughly        // text/plain;format=flowed, for an offer that says nothing of a format
	exactly        // text/plain
	parameters     // text/plain;format=flowed, for an offer of that format
)

// Media returns the index of the offered media type that the Accept header prefers. Offers stand in the server's order
// of preference; the first is what a client gets that does not care. It reports false if the client accepts none.
//
// A parameter of a range is compared if the offer has one of that name. If it has none, as when a version or a charset
// is asked for, the range still fits, though less closely than one without; such a range excludes nothing.
func Media(header, offers []string) (best int, ok bool) {
	if len(header) == 1 {
		if i := slices.Index(offers, header[0]); i >= 0 { // as most clients of an API ask
			return i, true
		}
	}
	highest := 0
	for i, offer := range offers {
		switch w, named := mediaWeight(header, offer); {
		case !named:
			return 0, true
		case w == heaviest:
			return i, true
		case w > highest:
			best, highest = i, w
		}
	}
	return best, highest > 0
}

// mediaWeight returns the weight that the header gives to an offer. It reports false if the header names nothing.
func mediaWeight(header []string, offer string) (weight int, named bool) {
	closest := noFit
	for e := range elements(header, isRange) {
		named = true
		f := e.fits(offer)
		if f == roughly && e.weight == 0 {
			continue
		}
		if f > closest {
			closest, weight = f, e.weight
		}
	}
	return weight, named
}

func isRange(value string) bool {
	if value == "*" {
		return true
	}
	kind, sub, _ := strings.Cut(value, "/")
	return isToken(kind) && isToken(sub) && (kind != "*" || sub == "*")
}

func (e element) fits(offer string) fit {
	media, params := cut(offer, ';')
	media = trim(media)
	kind, sub, _ := strings.Cut(e.value, "/")
	offered, _, _ := strings.Cut(media, "/")
	switch {
	case kind == "*":
		return anyType
	case sub == "*" && strings.EqualFold(kind, offered):
		return anySubtype
	case strings.EqualFold(e.value, media):
		return compare(e.params, params)
	default:
		return noFit
	}
}

// compare tells how a range's parameters fit those of an offer of the same media type.
func compare(asked, offered string) fit {
	closest, rough := exactly, false
	for asked != "" {
		var p parameter
		p, asked, _ = nextParameter(asked)
		if p.name == "" || p.isWeight() {
			continue
		}
		value, ok := findParameter(offered, p.name)
		switch {
		case !ok:
			rough = true
		case strings.EqualFold(value, p.value):
			closest = parameters
		default:
			return noFit
		}
	}
	if rough {
		return roughly
	}
	return closest
}
