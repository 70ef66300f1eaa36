package validate

import (
	"encoding/binary"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// pattern is a regular expression. Most are turned into an automaton whose states are sets of the places that the expression
// may have come to, which takes a step for each byte of ASCII. What is not ASCII, and expressions that ask for words or
// lines or would need too many states, are left to package regexp, which is linear too but several times slower.
type pattern struct {
	re *regexp.Regexp

	classes [utf8.RuneSelf]uint8 // of bytes that no instruction tells apart
	width   int                  // how many classes there are
	next    []uint16             // by state and class
	ends    []bool               // by state: the expression matches if the text ends here
}

// The states that all automata begin with.
const (
	dead uint16 = iota // no match will be found
	won                // a match was found
	first
)

// How large an automaton may be. An expression in a proto can not make loading slow.
const (
	mostInstructions = 2000
	mostStates       = 512
	mostSteps        = 1 << 13 // from all states, by all classes
	mostMembers      = 1 << 14 // of all states together
)

func newPattern(expression string) (*pattern, error) {
	re, err := regexp.Compile(expression)
	if err != nil {
		return nil, err
	}
	p := &pattern{re: re}
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, err
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	if !p.build(prog) {
		p.next, p.ends = nil, nil
	}
	return p, nil
}

// match tells whether the expression matches anywhere in b.
func (p *pattern) match(b []byte) bool {
	if p.next == nil {
		return p.re.Match(b)
	}
	state := first
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return p.re.Match(b)
		}
		state = p.next[int(state)*p.width+int(p.classes[c])]
		if state <= won {
			// Nothing that follows changes the answer, not even what is not ASCII.
			return state == won
		}
	}
	return p.ends[state]
}

// automaton is what is known while states are found.
type automaton struct {
	prog    *syntax.Prog
	sets    [][]uint32        // the instructions that a state waits at
	known   map[string]uint16 // states by their sets
	members int
	seen    []uint32 // by instruction: the round in which it was last met
	round   uint32
}

// build reports whether an automaton could be made.
func (p *pattern) build(prog *syntax.Prog) bool {
	if len(prog.Inst) > mostInstructions {
		return false
	}
	for i := range prog.Inst {
		const others = syntax.EmptyBeginLine | syntax.EmptyEndLine | syntax.EmptyWordBoundary | syntax.EmptyNoWordBoundary
		if in := &prog.Inst[i]; in.Op == syntax.InstEmptyWidth && syntax.EmptyOp(in.Arg)&others != 0 {
			return false
		}
	}
	p.classify(prog)
	a := &automaton{prog: prog, known: map[string]uint16{}, seen: make([]uint32, len(prog.Inst))}
	start := a.start()
	if a.wins(start) {
		p.next, p.ends = make([]uint16, (first+1)*uint16(p.width)), []bool{false, true, true}
		for i := range p.next {
			p.next[i] = won
		}
		return true
	}
	a.sets = [][]uint32{nil, nil, start}
	p.ends = []bool{false, true, a.wins(a.ending(start, true))}
	p.next = make([]uint16, int(first)*p.width)
	representatives := p.representatives()
	for state := int(first); state < len(a.sets); state++ {
		for _, c := range representatives {
			to, ok := a.step(a.sets[state], rune(c))
			if !ok || len(p.next) > mostSteps {
				return false
			}
			if int(to) == len(p.ends) {
				p.ends = append(p.ends, a.wins(a.ending(a.sets[to], false)))
			}
			p.next = append(p.next, to)
		}
	}
	return true
}

// classify gives the same class to bytes that every instruction takes alike.
func (p *pattern) classify(prog *syntax.Prog) {
	for i := range prog.Inst {
		in := &prog.Inst[i]
		if !isRune(in.Op) {
			continue
		}
		renamed := map[[2]uint8]uint8{}
		for c := range p.classes {
			key := [2]uint8{p.classes[c], 0}
			if in.MatchRune(rune(c)) {
				key[1] = 1
			}
			class, ok := renamed[key]
			if !ok {
				class = uint8(len(renamed))
				renamed[key] = class
			}
			p.classes[c] = class
		}
	}
	p.width = int(slices.Max(p.classes[:])) + 1
}

// representatives returns a byte of each class.
func (p *pattern) representatives() []byte {
	found := make([]byte, p.width)
	for c, class := range p.classes {
		found[class] = byte(c)
	}
	return found
}

func isRune(op syntax.InstOp) bool {
	switch op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	default:
		return false
	}
}

// start returns what the expression waits at before the first byte.
func (a *automaton) start() []uint32 {
	a.round++
	return a.closure(nil, uint32(a.prog.Start), true, false)
}

// step returns the state behind one that waits at set, by way of c. A match may also begin behind c.
func (a *automaton) step(set []uint32, c rune) (state uint16, ok bool) {
	a.round++
	var to []uint32
	for _, pc := range set {
		if in := &a.prog.Inst[pc]; isRune(in.Op) && in.MatchRune(c) {
			to = a.closure(to, in.Out, false, false)
		}
	}
	to = a.closure(to, uint32(a.prog.Start), false, false)
	if a.wins(to) {
		return won, true
	}
	to = slices.DeleteFunc(to, a.idle)
	if len(to) == 0 {
		return dead, true
	}
	slices.Sort(to)
	var key []byte
	for _, pc := range to {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	if state, ok = a.known[string(key)]; ok {
		return state, true
	}
	a.members += len(to)
	if len(a.sets) == mostStates || a.members > mostMembers {
		return 0, false
	}
	state = uint16(len(a.sets))
	a.known[string(key)] = state
	a.sets = append(a.sets, to)
	return state, true
}

// idle tells whether nothing that follows can lead on from an instruction. What it does without reading has been followed;
// what remains is to read on, or to meet the end of the text.
func (a *automaton) idle(pc uint32) bool {
	in := &a.prog.Inst[pc]
	return !isRune(in.Op) && (in.Op != syntax.InstEmptyWidth || syntax.EmptyOp(in.Arg) != syntax.EmptyEndText)
}

func (a *automaton) wins(set []uint32) bool {
	return slices.ContainsFunc(set, func(pc uint32) bool { return a.prog.Inst[pc].Op == syntax.InstMatch })
}

// ending returns the instructions that are reached from set when the text ends.
func (a *automaton) ending(set []uint32, begun bool) []uint32 {
	a.round++
	var to []uint32
	for _, pc := range set {
		to = a.closure(to, pc, begun, true)
	}
	return to
}

// closure adds to set what is reached from pc without reading.
func (a *automaton) closure(set []uint32, pc uint32, begins, ends bool) []uint32 {
	if a.seen[pc] == a.round {
		return set
	}
	a.seen[pc] = a.round
	set = append(set, pc)
	switch in := &a.prog.Inst[pc]; in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		return a.closure(a.closure(set, in.Out, begins, ends), in.Arg, begins, ends)
	case syntax.InstCapture, syntax.InstNop:
		return a.closure(set, in.Out, begins, ends)
	case syntax.InstEmptyWidth:
		asks := syntax.EmptyOp(in.Arg)
		if (asks&syntax.EmptyBeginText == 0 || begins) && (asks&syntax.EmptyEndText == 0 || ends) {
			return a.closure(set, in.Out, begins, ends)
		}
	default:
	}
	return set
}
