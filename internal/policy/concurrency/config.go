package concurrency

import (
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	defaultWait  = time.Second
	longestWait  = time.Minute
	longestQueue = 100_000
)

// SettingsOf are those of a limit of so many calls.
func SettingsOf(cfg *configv1.Concurrency, calls uint32) Settings {
	s := Settings{Calls: calls, Queue: cfg.GetQueue(), Wait: cfg.GetWait().AsDuration()}
	if s.Wait == 0 {
		s.Wait = defaultWait
	}
	return s
}

// Problems reports all that is wrong with a configuration, each with its key below concurrency.
func Problems(cfg *configv1.Concurrency, report func(key, format string, args ...any)) {
	if cfg.GetQueue() > longestQueue {
		report("queue", "%d are too many; %d at most", cfg.GetQueue(), longestQueue)
	}
	switch wait := cfg.GetWait(); {
	case wait == nil:
	case wait.AsDuration() <= 0 || wait.AsDuration() > longestWait:
		report("wait", "%v is not more than 0 and at most %v", wait.AsDuration(), longestWait)
	case cfg.GetQueue() == 0:
		report("wait", "means nothing without queue, the number of calls that wait")
	}
}
