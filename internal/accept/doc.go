// Package accept chooses what a client is answered with by its Accept and Accept-Encoding headers (RFC 9110, section
// 12.5).
//
// The client's weights decide, and among equals the order of what is offered. An element that is malformed is passed
// over, and so is what stands beyond the first 64 elements or 8 KiB of a header. A header of which nothing is left
// counts as absent. Two forms are read although the grammar does not have them, because Java's HttpURLConnection sends
// them unasked: a media range of "*", and a weight of ".2".
//
// Nothing here allocates, and everything may be called by any number of goroutines at once.
//
//	media.go     Accept
//	encoding.go  Accept-Encoding
//	element.go   the list that both are
package accept
