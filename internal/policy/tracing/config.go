package tracing

import configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"

// Problems reports all that is wrong with a configuration, each with its key below tracing. Its tls is for others to check.
func Problems(cfg *configv1.Tracing, report func(key, format string, args ...any)) {
	if cfg.GetTarget() == "" {
		report("target", "is missing; give a gRPC target such as localhost:4317")
	}
}
