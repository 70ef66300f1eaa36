// Package shop runs the sample shop: real gRPC servers, in memory, with health and reflection.
//
// services.go is the table of services, server.go makes a gRPC server of some of them, running.go starts them on
// listeners, conditions.go makes them slow or faulty on demand, requests.go holds requests to their rules. The services
// themselves are the packages below this one; what they start with comes from package seed.
package shop
