// Package spelling finds the name that somebody may have meant.
package spelling

import (
	"cmp"
	"iter"
	"strings"
)

// shortest is how long the beginning of a name has to be to tell which is meant.
const shortest = 3

// Nearest returns the known name that is most like name, if one is like it at all: no more than half of the letters, and no
// more than three, are to be changed, or else it is one that begins so. Of several it is the first. Case does not matter.
func Nearest(name string, known iter.Seq[string]) (string, bool) {
	best, longer, least := "", "", min(len(name)/2, 3)+1
	name = strings.ToLower(name)
	for candidate := range known {
		lower := strings.ToLower(candidate)
		if d := distance(name, lower, least); d < least {
			best, least = candidate, d
		}
		if longer == "" && len(name) >= shortest && strings.HasPrefix(lower, name) {
			longer = candidate
		}
	}
	best = cmp.Or(best, longer)
	return best, best != ""
}

// distance is the number of letters to insert, delete, replace or swap with their neighbour to get from a to b; anything
// from limit on is given as limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit)
}
