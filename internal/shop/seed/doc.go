// Package seed makes what the sample shop starts with: its shelves, some three hundred products, and a drawing of each.
//
// Everything is a pure function of the word lists: two runs, on any machine, make the same products with the same ids,
// prices and pictures. A product is one noun of a shelf in one of the shelf's finishes, so that its name, its summary,
// its measures, its colours and its price agree with one another.
//
// shelves.go says what a shelf is, the shelves_*.go files are the word lists, products.go makes products from them, and
// drawing.go and motifs.go draw them.
package seed
