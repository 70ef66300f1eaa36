package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// found is the error of a command whose answer is a list of problems.
type found []string

func (f found) Error() string { return strings.Join(f, "\n") }

// report prints why a command failed: problems as a compiler prints them, with their number at the end, anything else
// under the program's name.
func report(w io.Writer, err error) {
	problems, listed := errors.AsType[found](err)
	if !listed {
		problems = problemsOf(err)
		if len(problems) == 1 {
			fmt.Fprintf(w, "gatehouse: %s\n", problems[0])
			return
		}
	}
	for _, problem := range problems {
		fmt.Fprintln(w, problem)
	}
	if !listed {
		fmt.Fprint(w, "gatehouse: ")
	}
	fmt.Fprintln(w, count(len(problems), "problem"))
}

// problemsOf takes apart what errors.Join put together, and nothing else: an error around a join has words of its own.
// So it looks at err itself, not at what err wraps.
func problemsOf(err error) []string {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []string{err.Error()}
	}
	var problems []string
	for _, one := range joined.Unwrap() {
		problems = append(problems, problemsOf(one)...)
	}
	if strings.Join(problems, "\n") != err.Error() {
		return []string{err.Error()}
	}
	return problems
}

// withRemedy says what to do about what goes wrong in everybody's first hour.
func withRemedy(err error) error {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded:
		return fmt.Errorf("%w\n  is a gRPC server running there, without TLS? Without a server, --proto or --image say what it serves", err)
	default:
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w\n  another process listens there: end it, or choose other addresses with --listen, --listen-tls, --admin and --demo-login", err)
	}
	return err
}
