package validate

import (
	"errors"
	"fmt"
	"time"
)

// ErrRules is in the chain of an error that is the fault of rules, which could not be evaluated, and not of a message.
var ErrRules = errors.New("rules can not be evaluated")

// Violation is one thing that is wrong with a message.
type Violation struct {
	// Path names the place as in JSON: items[3].price.units, labels["k"]. A violation of a oneof names the oneof, one of a
	// whole message the field that holds it: "" at the top.
	Path string
	// Rule is the rule: string.min_len, repeated.unique. Rules of both kinds that ask the same are called the same. It is
	// "" where there are more violations than are told.
	Rule string
	// Text tells what the rule wants, to be read behind the path: "must be at least 3 characters long".
	Text string
}

// Checks are the checks of one message type. They are immutable.
type Checks struct {
	compiler *Compiler
	table    *message
	library  *libraryChecks // nil if there are no rules of protovalidate
}

// Check returns what is wrong with the message that wire encodes, in the order of its fields, and nothing if all is well.
// Rules that speak of the present go by now. An error says that wire is not a message, that it is nested too deeply or,
// if it wraps [ErrRules], that a rule failed to be evaluated.
func (c *Checks) Check(wire []byte, now time.Time) ([]Violation, error) {
	k := checkers.Get().(*checker)
	defer k.free()
	k.begin(c.compiler, now)
	if err := k.run(c, wire, c.compiler.opts.maxDepth()); err != nil {
		return nil, fmt.Errorf("checking %s: %w", c.table.name, err)
	}
	return k.violations(), nil
}
