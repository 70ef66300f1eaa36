// Package coding reads and writes the content codings of HTTP (RFC 9110, section 8.4): [Reader] decodes the bodies of
// requests, [Wrap] compresses those of responses. Both stream: what has been flushed on one side can be read on the
// other. Which coding a client prefers is for its Accept-Encoding to say, and not decided here.
//
// # Rules
//
//   - A body yields no more bytes than its limit, and decoding it takes no more memory than the 8 MiB window that
//     RFC 9659 allows zstd, however little the client has sent.
//   - A body that ends too early, or goes on behind its end, is an error and never a shorter body.
//   - A response that is given up gets no end, so that no client takes it for a whole one.
//   - A response is compressed where its headers and its size say that it pays, and Vary and ETag say so.
//
// # Why not a library
//
// The codecs are libraries. The middlewares around them, gzhttp of klauspost/compress and CAFxX/httpcompression, would
// have to be wrapped from both sides. Neither makes an ETag weak, obeys no-transform, or lets a response be given up
// without an end; both lose the errors of a flush. gzhttp has no br, and does not send the headers of a stream that is
// flushed before its first message. httpcompression ignores every flush until the minimal size is reached.
//
// # Files
//
//	reader.go, decoder.go      requests
//	wrap.go, compressor.go     responses
//	encoder.go                 codecs for them
//	header.go                  what headers say, and are made to say
package coding
