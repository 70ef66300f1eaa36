// Package proto holds the .proto files of the sample shop as they are written, with their comments, which the descriptors
// in a binary have lost.
package proto

import "embed"

// Shop holds the files of the sample shop. Their imports start from its root.
//
//go:embed shop
var Shop embed.FS
