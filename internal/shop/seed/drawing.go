package seed

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"

	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
)

// NewImage describes a picture with these bytes.
func NewImage(id, contentType, alt string, content []byte) *catalogv1.Image {
	sum := sha256.Sum256(content)
	return &catalogv1.Image{
		Id: id, ContentType: contentType, Alt: alt, SizeBytes: uint64(len(content)), Sha256: sum[:],
	}
}

// draw returns an SVG of a motif in a colour: the thing on a plinth, lit from the upper left, before a wall that is
// washed with the same colour.
func draw(m motif, rgb uint32, rnd *rand.Rand) []byte {
	wall, glow := mix(rgb, 0xFBF8F3, 0.80), mix(rgb, 0xFFFFFF, 0.92)
	floor := mix(rgb, 0xEFE8DD, 0.62)
	sun := 120 + rnd.IntN(400)
	var b bytes.Buffer
	fmt.Fprint(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 640" role="img">`)
	fmt.Fprintf(&b, `<defs><radialGradient id="w" cx="32%%" cy="26%%" r="95%%"><stop offset="0" stop-color="%s"/><stop offset="1" stop-color="%s"/></radialGradient>`,
		hex(glow), hex(wall))
	fmt.Fprintf(&b, `<linearGradient id="m" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="%s"/><stop offset=".55" stop-color="%s"/><stop offset="1" stop-color="%s"/></linearGradient>`,
		hex(mix(rgb, 0xFFFFFF, 0.30)), hex(rgb), hex(mix(rgb, 0x1B1512, 0.30)))
	fmt.Fprintf(&b, `<linearGradient id="f" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="%s"/><stop offset="1" stop-color="%s"/></linearGradient>`,
		hex(floor), hex(mix(floor, 0x3A322C, 0.12)))
	fmt.Fprint(&b, `<filter id="s" x="-30%" y="-200%" width="160%" height="500%"><feGaussianBlur stdDeviation="12"/></filter></defs>`)
	fmt.Fprint(&b, `<rect width="640" height="640" fill="url(#w)"/>`)
	fmt.Fprintf(&b, `<circle cx="%d" cy="210" r="%d" fill="%s" opacity=".55"/>`, sun, 110+rnd.IntN(70), hex(mix(rgb, 0xFFF6E6, 0.68)))
	fmt.Fprint(&b, `<path d="M0 486 Q320 470 640 486 V640 H0Z" fill="url(#f)"/>`)
	fmt.Fprintf(&b, `<ellipse cx="336" cy="512" rx="172" ry="17" fill="%s" opacity=".38" filter="url(#s)"/>`, hex(mix(rgb, 0x1B1512, 0.75)))
	fmt.Fprintf(&b, `<g fill="url(#m)" stroke-linecap="round" stroke-linejoin="round">%s</g></svg>`,
		motifs(hex(mix(rgb, 0x1B1512, 0.42)), hex(mix(rgb, 0xFFFFFF, 0.62)))[m])
	return b.Bytes()
}

// palette returns four colours that go with rgb, darkest first.
func palette(rgb uint32) []uint32 {
	return []uint32{mix(rgb, 0x1B1512, 0.6), rgb, mix(rgb, 0xFFFFFF, 0.5), mix(rgb, 0xFBF8F3, 0.85)}
}

// mix returns the colour that lies between a and b, the given share of the way.
func mix(a, b uint32, share float64) uint32 {
	var out uint32
	for shift := 0; shift <= 16; shift += 8 {
		from, to := float64(a>>shift&0xff), float64(b>>shift&0xff)
		out |= uint32(from+(to-from)*share) << shift
	}
	return out
}

func hex(rgb uint32) string { return fmt.Sprintf("#%06x", rgb) }
