package ratelimit

// Shared is the name of a check in Redis.
func (c *Check) Shared(prefix string) string { return c.shared(prefix) }
