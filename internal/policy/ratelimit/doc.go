// Package ratelimit decides whether a caller may call again, by GCRA (the generic cell rate algorithm) or by quotas of the
// calendar, on one edge or together with others through Redis.
//
// A [Check] is a [Limit] and the [Key] under which a call counts. All checks of a call have to hold, and a call that one of
// them refuses costs nothing under the others.
//
// What is held of a key is two numbers (count.go). One edge keeps them in a table of a fixed size (table.go), from which it
// decides alone (local.go). With Redis, one script decides for all checks in one round trip, by Redis' own clock
// (shared.go, script.lua); the table follows, so that an edge that loses Redis goes on from where they were, and refuses
// for a moment without asking those whom Redis has just refused. outage.go notices that Redis is away and when it is back.
//
// header.go tells callers of their limits, refusal.go makes the error of a call too many, config.go and rule.go read the
// configuration.
package ratelimit
