package server_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// TestAStreamEndsThatIsSilentOrLastsForTooLong watches what says nothing more.
func TestAStreamEndsThatIsSilentOrLastsForTooLong(t *testing.T) {
	t.Parallel()
	const watch = "edgetest.v1.EverythingService.Watch"
	soon := durationpb.New(2 * time.Second) // so that the first message is there before, whatever else the machine does
	for name, c := range map[string]struct {
		change func(*configv1.Config)
		says   string
	}{
		"silent, by the configuration": {func(cfg *configv1.Config) { cfg.Limits = &configv1.Limits{StreamIdle: soon} }, "the stream was silent for 2s"},
		"silent, by its policy": {func(cfg *configv1.Config) {
			cfg.Policies = []*configv1.PolicySettings{{Names: []string{watch}, Policy: &gatehousev1.Policy{IdleTimeout: soon}}}
		}, "the stream was silent for 2s"},
		"long, by the configuration": {func(cfg *configv1.Config) { cfg.Limits = &configv1.Limits{StreamTimeout: soon} }, ""},
		"long, by its policy": {func(cfg *configv1.Config) {
			cfg.Policies = []*configv1.PolicySettings{{Names: []string{watch}, Policy: &gatehousev1.Policy{Timeout: soon}}}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := edgetest.StartBackend(t)
			b.Hold = func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			}
			cfg := edgetest.InFrontOf(b.Target)
			c.change(cfg)
			_, url := edgetest.Edge(t, cfg)
			code, line := lastError(t, url+prefix+"/watch/2", func() {})
			if code != codes.DeadlineExceeded || !strings.Contains(line, `"UPSTREAM_TIMEOUT"`) || !strings.Contains(line, c.says) {
				t.Errorf("%v %s", code, line)
			}
		})
	}
}
