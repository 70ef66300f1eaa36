// Package interop puts the edge in front of services that nobody here wrote, and has it get certificates from an authority
// that nobody here wrote. It is a module of its own, so that what it needs stays out of the main one.
package interop
