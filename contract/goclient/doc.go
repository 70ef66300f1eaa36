// Command goclient buys something from the sample shop and calls the order off, by a client that oapi-codegen made of the
// shop's document. It is a module of its own, as a caller's program is: what it knows of the shop stands in the document.
//
// The client is not kept here: shop/shop.yaml is to be written first, and `go generate ./shop` to be run.
package main
