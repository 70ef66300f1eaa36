// Package cli is the gatehouse command: serve, check, routes, version.
//
// [Run] runs one command line and returns its exit status: 0, 1 when what was asked for failed, 2 when it was asked for
// wrongly. Results go to stdout; logs, problems and what went wrong go to stderr.
package cli
