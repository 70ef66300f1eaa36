// Package access decides who may call a method: anybody, those who have shown who they are, those with some scope, and only
// in the caller's own name.
//
// A [Rule] is compiled of what a policy says (gatehouse.v1.Access). It is asked twice: [Rule.Admit] before anything of a
// request is read, [Rule.AdmitMessage] for every message that a service is about to get. What it looks at then is the
// message itself, as the service will read it, so that no path, query or body can say one thing here and another there.
package access
