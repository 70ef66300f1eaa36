// Package storefront is the sample shop's page: a small application that uses the shop through the edge's REST API, and
// nothing else.
//
// # Rules
//
//   - Nothing comes from elsewhere. The policy that goes with every response lets the page load what this package embeds,
//     and call no host but its own; there is no inline script or style.
//   - An asset's URL holds a hash of all assets, so it may be kept for ever. The page is asked for again each time, and has
//     an ETag.
//   - A token is given to whoever asks, as the sample shop's issuer does. It is never kept by caches.
//
// web/ has the sources, assets/ what `npm run build` makes of them there. The browser's tests build them again and compare.
//
// # Files
//
//	storefront.go  paths to responses, and the headers of all
//	assets.go      what is embedded
package storefront
