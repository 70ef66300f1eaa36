package transport

import (
	"strconv"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const year = 365 * 24 * time.Hour

func maxAge(cfg *configv1.Hsts) time.Duration {
	if cfg.GetMaxAge() == nil {
		return year
	}
	return cfg.GetMaxAge().AsDuration()
}

// HSTS is the value of Strict-Transport-Security (RFC 6797), "" without a configuration. It is for answers over HTTPS only.
func HSTS(cfg *configv1.Hsts) string {
	if cfg == nil {
		return ""
	}
	value := "max-age=" + strconv.FormatInt(int64(maxAge(cfg)/time.Second), 10)
	if cfg.GetIncludeSubdomains() {
		value += "; includeSubDomains"
	}
	if cfg.GetPreload() {
		value += "; preload"
	}
	return value
}
