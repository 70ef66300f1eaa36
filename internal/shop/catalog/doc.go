// Package catalog is the sample shop's CatalogService: an in-memory store of products and their pictures.
//
// A stored product is never changed: a change stores another one in its place. So answers share the stored messages, and
// a list costs no copies. Both views of a product are made when it is stored.
//
// store.go keeps products and pictures within their bounds; read.go, list.go, write.go, images.go and transfer.go are the
// methods; filter.go is the little language of ListProductsRequest.filter.
package catalog
