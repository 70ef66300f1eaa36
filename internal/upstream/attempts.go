package upstream

import (
	"context"
	"sync/atomic"
)

// attempts counts how often gRPC makes a call: one that a server has surely not begun, as it was about to leave, is made
// again. gRPC tells of that nowhere but here: it asks for credentials before each attempt, and gets none.
type attempts struct{ n atomic.Int32 }

// GetRequestMetadata implements [credentials.PerRPCCredentials].
func (a *attempts) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	a.n.Add(1)
	return nil, nil
}

// RequireTransportSecurity implements [credentials.PerRPCCredentials].
func (a *attempts) RequireTransportSecurity() bool { return false }

// retries is how often the call was made again.
func (a *attempts) retries() int { return max(0, int(a.n.Load())-1) }
