package source

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// A Position is a place in a source file, for people. Line and Column count from 1; they are 0 where the origin does
// not say.
type Position struct {
	File         string
	Line, Column int
}

// String gives file:line:column, or as much of it as is known.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Compare orders positions by file, line and column.
func (p Position) Compare(other Position) int {
	return cmp.Or(cmp.Compare(p.File, other.File), cmp.Compare(p.Line, other.Line), cmp.Compare(p.Column, other.Column))
}

// A Problem is one thing that is wrong, and where. The errors of this package wrap one Problem for each.
type Problem struct {
	Position Position
	Message  string
}

// Error gives the problem as a compiler prints it: file:line:column: message.
func (p Problem) Error() string { return p.Position.String() + ": " + p.Message }

// joinProblems makes one error of many, in source order, each problem once. It is nil if there are none.
func joinProblems(problems []Problem) error {
	sorted := slices.Clone(problems)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Message, b.Message))
	})
	errs := make([]error, 0, len(sorted))
	for _, problem := range slices.Compact(sorted) {
		errs = append(errs, problem)
	}
	return errors.Join(errs...)
}

// Position tells where d is declared. With option, the path of an option within d's options (the option's field
// number, then field numbers and list indexes within it), it tells where that option stands; where that is not known,
// the nearest thing that encloses it, in the end d itself. The file is named as people know it: the path it was opened
// by, if it was a file.
func (s *Set) Position(d protoreflect.Descriptor, option ...int32) Position {
	file := d.ParentFile()
	if file == nil {
		return Position{File: string(d.FullName())}
	}
	pos := Position{File: s.shownPath(file.Path())}
	locations := file.SourceLocations()
	declared := locations.ByDescriptor(d)
	if loc, ok := optionLocation(locations, d, declared.Path, option); ok {
		declared = loc
	}
	if declared.Path == nil {
		return pos
	}
	pos.Line, pos.Column = declared.StartLine+1, declared.StartColumn+1
	return pos
}

// optionLocation finds the place of an option of d. A compiler records `option (x).y = 1` under the path of y alone,
// so a place below the path counts as well; if neither is there, the path is shortened.
func optionLocation(
	locations protoreflect.SourceLocations, d protoreflect.Descriptor, declared protoreflect.SourcePath, option []int32,
) (protoreflect.SourceLocation, bool) {
	if len(option) == 0 || (declared == nil && !isFile(d)) {
		return protoreflect.SourceLocation{}, false
	}
	base := append(slices.Clone(declared), optionsNumber(d))
	for n := len(option); n > 0; n-- {
		path := append(slices.Clone(base), option[:n]...)
		for i := range locations.Len() {
			loc := locations.Get(i)
			if len(loc.Path) >= len(path) && slices.Equal(loc.Path[:len(path)], path) {
				return loc, true
			}
		}
	}
	return protoreflect.SourceLocation{}, false
}

func isFile(d protoreflect.Descriptor) bool {
	_, ok := d.(protoreflect.FileDescriptor)
	return ok
}

// optionsNumber is the number of the field `options` in the message of descriptor.proto that describes d.
func optionsNumber(d protoreflect.Descriptor) int32 {
	switch d.(type) {
	case protoreflect.MessageDescriptor:
		return 7
	case protoreflect.FieldDescriptor, protoreflect.FileDescriptor:
		return 8
	case protoreflect.MethodDescriptor:
		return 4
	case protoreflect.OneofDescriptor:
		return 2
	default: // enums, enum values and services
		return 3
	}
}

// plain takes away what the protobuf runtime puts before its messages: "proto:" and a space that is not always one.
func plain(err error) string {
	return strings.ReplaceAll(strings.TrimLeft(strings.TrimPrefix(err.Error(), "proto:"), " \u00a0"), "\u00a0", " ")
}
