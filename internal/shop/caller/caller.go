// Package caller tells the sample services what a caller may know.
package caller

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/grpc/metadata"
)

// MayKnow tells whether the caller, as the edge names them, may know of a customer's orders. A call that names nobody comes
// from within the shop.
func MayKnow(ctx context.Context, customer string) bool {
	md, _ := metadata.FromIncomingContext(ctx)
	subject := md.Get("x-gatehouse-subject")
	if len(subject) == 0 || slices.Contains(subject, customer) {
		return true
	}
	return slices.ContainsFunc(md.Get("x-gatehouse-scopes"), func(scopes string) bool {
		return slices.Contains(strings.Fields(scopes), "admin")
	})
}
