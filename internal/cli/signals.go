package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// untilSignal returns a context that is done when the process is asked to end. Being asked again ends the process at
// once, by the very signal: one goroutine takes both, so that none is lost between them. stop undoes it all.
func untilSignal(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	asked, over := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-asked:
			cancel()
		case <-over:
			return
		}
		select {
		case again := <-asked:
			endBy(again)
		case <-over:
		}
	}()
	return ctx, func() {
		signal.Stop(asked)
		close(over)
		cancel()
	}
}

// endBy ends the process as a signal does that nobody listens to.
func endBy(s os.Signal) {
	signal.Reset(s)
	if number, ok := s.(syscall.Signal); ok && syscall.Kill(os.Getpid(), number) == nil {
		return
	}
	os.Exit(exitFailed)
}
