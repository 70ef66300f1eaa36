// Package extauthz asks a service about each call that speaks Envoy's authorization protocol,
// envoy.service.auth.v3.Authorization, as Open Policy Agent and others do.
//
// checker.go asks and weighs the answer, question.go says what is told, config.go reads the configuration.
package extauthz
