package compose_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/compose"
)

// Four mebibytes take a tenth of a second; if every piece cost as much as all before it, they would take minutes.
func TestPiecesCostNoQuadraticTime(t *testing.T) {
	t.Parallel()
	repeat := func(piece ...byte) string { return "raw:" + string(bytes.Repeat(piece, 4<<20/len(piece))) }
	rests := []byte{0x42, 0x03, 0x0a, 0x01, 'x'} // rests {type: "x"}
	bloom := []byte{0x3a, 0x00}
	w := compiled(t, garden(`
		parts: {field: "name" call: "garden.Beds/Get" take: "soil.type"}
		parts: {field: "first" call: "garden.Beds/Pick" take: "name" bind: {to: "id" part: "it.rests.type"}}
		parts: {name: "it" call: "garden.Beds/Get" bind: {to: "id" constant: "it"}}
		`), compose.Options{})
	w.says("Pick", `name: "p"`)
	for name, c := range map[string]struct{ response, want string }{
		"messages":             {repeat(0x22, 0x03, 0x0a, 0x01, 's'), `name:"s" first:"p"`},
		"members":              {repeat(slices.Concat(rests, bloom)...), `first:"p"`},
		"members in pieces":    {repeat(rests...), `first:"p"`},
		"groups nobody knows":  {repeat(0xa3, 0x06, 0xa4, 0x06), `first:"p"`},
		"fields nobody knows":  {repeat(0xa0, 0x06, 0x01), `first:"p"`},
		"the last one of many": {repeat(0x22, 0x04, 0x0a, 0x00, 0x0a, 0x00), `first:"p"`},
	} {
		w.says("Get", c.response)
		got, partial, err := w.run(t.Context(), "")
		if err != nil || len(partial) > 0 || got != c.want {
			t.Errorf("%s: %s, %v, %v", name, got, partial, err)
		}
	}
}
