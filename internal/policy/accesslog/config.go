package accesslog

import (
	"fmt"
	"strings"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const defaultSlow = time.Second

// Problems reports all that is wrong with a configuration, each with its key below access_log.
func Problems(cfg *configv1.AccessLog, report func(key, format string, args ...any)) {
	for i, name := range cfg.GetSecretParameters() {
		key := fmt.Sprintf("secret_parameters[%d]", i)
		if len(normalized(nil, name)) == 0 || len(name) > maxName || strings.ContainsAny(name, "&=;?# ") {
			report(key, "%q is no name of a query parameter, such as invite_code or order.invite_code", name)
		}
	}
	if len(cfg.GetSecretParameters()) > 0 && cfg.GetNoQuery() {
		report("secret_parameters", "mean nothing with no_query, which leaves the query out")
	}
}

func slowOf(cfg *configv1.AccessLog) time.Duration {
	if ms := cfg.GetSlowMilliseconds(); ms != 0 {
		return time.Duration(ms) * time.Millisecond
	}
	return defaultSlow
}
