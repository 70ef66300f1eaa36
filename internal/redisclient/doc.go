// Package redisclient makes clients of Redis of a configuration: one way for all that edges share.
//
// client.go makes the client, files.go reads its password and certificates, problems.go reads the configuration.
package redisclient
