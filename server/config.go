package server

import (
	"errors"
	"runtime"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/openapi"
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
	defaultStreamMessage   = 4 << 20
	defaultUpload          = 1 << 30
	defaultBodyTimeout     = 30 * time.Second
	defaultParts           = 100
	defaultWrite           = 30 * time.Second
	defaultHeartbeat       = 15 * time.Second
	defaultRetry           = 3 * time.Second
	defaultCompressed      = 1 << 10
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
	streamMessage   int
	upload          int64
	bodyTimeout     time.Duration
	parts           int
	stream          time.Duration // 0 for none
	streamIdle      time.Duration // 0 for none
	write           time.Duration
}

func limitsOf(cfg *configv1.Limits) limits {
	return limits{
		body:            or(int(cfg.GetBodyBytes()), defaultBody),
		upstreamMessage: or(int(cfg.GetUpstreamMessageBytes()), defaultUpstreamMessage),
		header:          or(int(cfg.GetHeaderBytes()), defaultHeader),
		url:             or(int(cfg.GetUrlBytes()), defaultURL),
		timeout:         or(cfg.GetTimeout().AsDuration(), defaultTimeout),
		drain:           or(cfg.GetDrain().AsDuration(), defaultDrain),
		streamMessage:   or(int(cfg.GetStreamMessageBytes()), defaultStreamMessage),
		upload:          or(int64(cfg.GetUploadBytes()), defaultUpload),
		bodyTimeout:     or(cfg.GetBodyTimeout().AsDuration(), defaultBodyTimeout),
		parts:           or(int(cfg.GetParts()), defaultParts),
		stream:          cfg.GetStreamTimeout().AsDuration(),
		streamIdle:      cfg.GetStreamIdle().AsDuration(),
		write:           or(cfg.GetWriteTimeout().AsDuration(), defaultWrite),
	}
}

// streams are a configuration's, with the defaults filled in.
type streams struct {
	heartbeat time.Duration
	retry     time.Duration
	origins   []string
}

func streamsOf(cfg *configv1.Streams) streams {
	return streams{
		heartbeat: or(cfg.GetHeartbeat().AsDuration(), defaultHeartbeat),
		retry:     or(cfg.GetRetry().AsDuration(), defaultRetry),
		origins:   cfg.GetOrigins(),
	}
}

// settings are all of a configuration that requests ask for.
type settings struct {
	limits         limits
	streams        streams
	dialect        *dialect            // of services that have none of their own
	dialects       map[string]*dialect // of those that have, by their full names
	compressFrom   int                 // bytes; negative is never
	methodOverride bool
	proxies        upstream.Proxies
	layers         layers
	openapi        *configv1.OpenApi
}

// settingsOf reads the configuration. The error names the key that can not be.
func settingsOf(cfg *configv1.Config) (settings, error) {
	s := settings{
		limits: limitsOf(cfg.GetLimits()), streams: streamsOf(cfg.GetStreams()), dialects: map[string]*dialect{},
		compressFrom:   or(int(cfg.GetCompression().GetMinBytes()), defaultCompressed),
		methodOverride: cfg.GetHeaders().GetMethodOverride(), openapi: cfg.GetOpenapi(),
	}
	if cfg.GetCompression().GetOff() {
		s.compressFrom = -1
	}
	s.layers = layersOf(cfg)
	var badProxies error
	s.proxies, badProxies = upstream.NewProxies(cfg.GetHeaders().GetTrustedProxies())
	plain, badNames := upstream.NewPlain(cfg.GetHeaders().GetRequest(), cfg.GetHeaders().GetResponse(), s.proxies)
	if err := errors.Join(badProxies, badNames); err != nil {
		return s, err
	}
	gateway := upstream.NewGateway(s.proxies)
	of := func(d *configv1.Dialect) *dialect { return newDialect(d, cfg.GetLimits(), plain, gateway) }
	s.dialect = of(cfg.GetDialect())
	for _, service := range cfg.GetServices() {
		d := of(service.GetDialect())
		for _, name := range service.GetNames() {
			s.dialects[name] = d
		}
	}
	s.describeDialects(cfg.GetServices())
	return s, nil
}

func (s *settings) dialectOf(service string) *dialect { return or(s.dialects[service], s.dialect) }

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
	gateway    bool // the grpc-gateway preset
	problems   bool // errors are always problem details
	ignoreType bool // of bodies: all are JSON
	transcode  transcode.Options
	headers    upstream.Headers
	described  *openapi.Dialect // in documents
}

func newDialect(cfg *configv1.Dialect, limits *configv1.Limits, plain, gateway upstream.Headers) *dialect {
	d := &dialect{transcode: transcode.Gatehouse(), headers: plain, ignoreType: cfg.GetIgnoreContentType()}
	if cfg.GetPreset() == configv1.Dialect_PRESET_GRPC_GATEWAY {
		d = &dialect{gateway: true, ignoreType: true, transcode: transcode.GRPCGateway(), headers: gateway}
	}
	d.problems = cfg.GetErrors() == configv1.Dialect_ERRORS_PROBLEM
	switch cfg.GetEmit() {
	case configv1.Dialect_EMIT_UNSPECIFIED:
	case configv1.Dialect_EMIT_DEFAULTS:
		d.transcode.Emit = transcode.EmitDefaults
	case configv1.Dialect_EMIT_PRESENT:
		d.transcode.Emit = transcode.EmitPresent
	case configv1.Dialect_EMIT_UNPOPULATED:
		d.transcode.Emit = transcode.EmitUnpopulated
	}
	switch cfg.GetUnknown() {
	case configv1.Dialect_UNKNOWN_UNSPECIFIED:
	case configv1.Dialect_UNKNOWN_REJECT:
		d.transcode.Unknown = transcode.RejectUnknown
	case configv1.Dialect_UNKNOWN_IGNORE:
		d.transcode.Unknown = transcode.IgnoreUnknown
	}
	d.transcode.ProtoNames = cfg.GetProtoNames()
	d.transcode.EnumNumbers = cfg.GetEnumNumbers()
	d.transcode.MaxDepth = int(limits.GetJsonDepth())
	return d
}

// describe says of a dialect what documents have to know.
func (d *dialect) describe() openapi.Dialect {
	emit := map[transcode.Emit]openapi.Emit{
		transcode.EmitDefaults: openapi.EmitDefaults, transcode.EmitPresent: openapi.EmitPresent,
		transcode.EmitUnpopulated: openapi.EmitUnpopulated,
	}
	return openapi.Dialect{
		Gateway: d.gateway, Emit: emit[d.transcode.Emit], IgnoreUnknown: d.transcode.Unknown == transcode.IgnoreUnknown,
		ProtoNames: d.transcode.ProtoNames, EnumNumbers: d.transcode.EnumNumbers, ProblemsOnly: d.problems,
	}
}
