// Package cases holds the HTTP conformance corpus: a folder for each group, a file for each case. The form of the files is
// that of package corpus.
package cases

import "embed"

// Files are the cases, as group/name.txt.
//
//go:embed */*.txt
var Files embed.FS
