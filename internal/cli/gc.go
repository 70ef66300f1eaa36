package cli

import (
	"os"
	"runtime/debug"
)

// relaxGC lets the heap grow to five times of what is alive before it is collected, where Go's own setting is twice.
// An edge keeps little alive and makes much garbage: at Go's setting it would collect a few megabytes many times a
// second. GOGC, if it is set, decides instead; GOMEMLIMIT bounds the whole as always.
func relaxGC() {
	const percent = 400
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}
