package server

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"google.golang.org/grpc/metadata"
)

// perRequest are the metadata that differ between requests of one caller.
var perRequest = map[string]bool{
	"accept-language": true, // which responses are told apart by, whosever they are
	"traceparent":     true, "tracestate": true, "baggage": true, "x-request-id": true, "idempotency-key": true,
	"last-event-id": true, "if-match": true, "x-forwarded-user-agent": true, "x-forwarded-for": true, "x-forwarded-host": true,
	"x-forwarded-proto": true,
}

// whose tells callers apart by what services are told of them. The edge need not know somebody whose token services look at
// themselves, and what one of them is answered with is for nobody else.
func whose(ctx context.Context) string {
	md, _ := metadata.FromOutgoingContext(ctx)
	var told []byte
	for _, key := range slices.Sorted(maps.Keys(md)) {
		if perRequest[key] {
			continue
		}
		told = binary.AppendUvarint(told, uint64(len(md[key])))
		for _, text := range append([]string{key}, md[key]...) {
			told = append(binary.AppendUvarint(told, uint64(len(text))), text...)
		}
	}
	if told == nil {
		return ""
	}
	sum := sha256.Sum256(told) // and not the token itself, which would stay in memory
	return string(sum[:])
}
