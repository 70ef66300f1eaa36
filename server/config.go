package server

import (
	"runtime"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// The limits that hold where the configuration sets none.
const (
	defaultBody            = 4 << 20
	defaultUpstreamMessage = 64 << 20
	defaultHeader          = 32 << 10
	defaultURL             = 8 << 10
	defaultTimeout         = 30 * time.Second
	defaultDrain           = 20 * time.Second
)

// defaultConnections is one for every two processors: more would be written to in smaller pieces.
func defaultConnections() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// limits are a configuration's, with the defaults filled in.
type limits struct {
	body            int
	upstreamMessage int
	header          int
	url             int
	timeout         time.Duration
	drain           time.Duration
}

func limitsOf(cfg *configv1.Limits) limits {
	return limits{
		body:            or(int(cfg.GetBodyBytes()), defaultBody),
		upstreamMessage: or(int(cfg.GetUpstreamMessageBytes()), defaultUpstreamMessage),
		header:          or(int(cfg.GetHeaderBytes()), defaultHeader),
		url:             or(int(cfg.GetUrlBytes()), defaultURL),
		timeout:         or(cfg.GetTimeout().AsDuration(), defaultTimeout),
		drain:           or(cfg.GetDrain().AsDuration(), defaultDrain),
	}
}

// or returns v, or the default if v is 0.
func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// dialect is how an edge reads and writes.
type dialect struct {
	gateway   bool // the grpc-gateway preset
	transcode transcode.Options
	headers   upstream.Headers
}

func dialectOf(cfg *configv1.Config) dialect {
	d := dialect{transcode: transcode.Gatehouse(), headers: upstream.Plain{}}
	if cfg.GetDialect().GetPreset() == configv1.Dialect_PRESET_GRPC_GATEWAY {
		d = dialect{gateway: true, transcode: transcode.GRPCGateway(), headers: upstream.NewGateway()}
	}
	switch cfg.GetDialect().GetEmit() {
	case configv1.Dialect_EMIT_UNSPECIFIED:
	case configv1.Dialect_EMIT_DEFAULTS:
		d.transcode.Emit = transcode.EmitDefaults
	case configv1.Dialect_EMIT_PRESENT:
		d.transcode.Emit = transcode.EmitPresent
	case configv1.Dialect_EMIT_UNPOPULATED:
		d.transcode.Emit = transcode.EmitUnpopulated
	}
	switch cfg.GetDialect().GetUnknown() {
	case configv1.Dialect_UNKNOWN_UNSPECIFIED:
	case configv1.Dialect_UNKNOWN_REJECT:
		d.transcode.Unknown = transcode.RejectUnknown
	case configv1.Dialect_UNKNOWN_IGNORE:
		d.transcode.Unknown = transcode.IgnoreUnknown
	}
	d.transcode.ProtoNames = cfg.GetDialect().GetProtoNames()
	d.transcode.EnumNumbers = cfg.GetDialect().GetEnumNumbers()
	d.transcode.MaxDepth = int(cfg.GetLimits().GetJsonDepth())
	return d
}
