// Package identity tells services who calls.
//
// Every call of a known caller carries metadata with what the edge has found out ([Append]); names that begin with
// x-gatehouse- never pass from clients, so a service behind the edge can believe them. A service that others can reach too
// asks for more: a token that the edge signs ([Signer]), short-lived and for this service alone.
package identity
