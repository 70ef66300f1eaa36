// Package problem makes the errors of the sample services: a gRPC status with the google.rpc details that say what a
// client can do about it.
package problem
