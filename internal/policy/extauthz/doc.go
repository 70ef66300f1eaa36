// Package extauthz asks a service about each call that speaks Envoy's authorization protocol,
// envoy.service.auth.v3.Authorization, as Open Policy Agent and others do.
//
// checker.go asks, question.go says what is told, answer.go weighs what is answered, outage.go tells the log of times
// without answers, config.go reads the configuration.
package extauthz
