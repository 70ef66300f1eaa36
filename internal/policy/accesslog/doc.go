// Package accesslog writes one line of JSON for each request.
//
// A line tells who called what, how it went and how long it took. What must not be in it never gets near: bodies and headers
// other than User-Agent and Traceparent are not read. Of the URL, the values of parameters that are secret are replaced
// (redact.go): those that everybody takes for secret, those that the configuration names, and those of fields marked
// debug_redact (names.go). What a client sends is cut where it is long and escaped where it is no printable text, so that no
// client can forge a line or reach the terminal of whoever reads it (json.go).
//
// Lines have the form of log/slog's JSON handler, and are encoded here since that is cheaper and escapes more (record.go).
//
// Requests do not wait for the disk: lines are collected in memory and written once a second, or when 64 KiB have come
// together (sink.go). So a process that dies at once takes the last second's lines along. Where nothing can be written,
// up to 4 MiB more are kept until it can; lines beyond that are lost, and counted.
package accesslog
