// Package concurrency bounds how many calls are under way at once: to a method, or to an upstream.
//
// It protects services, not callers from each other, so a call too many is 503 (OVERLOADED) and not 429: its caller has done
// nothing too often, and another edge may have room. What one caller may do is the rate limits' business.
//
// A call may wait for its turn in a queue, if there is one; the default is none, since a queue in front of a service that is
// too slow makes everybody wait and helps nobody. It is for services whose calls come in bursts.
//
// A call that has to keep two limits acquires the method's first and the upstream's second, and releases them in the
// opposite order: so what waits for an upstream holds no more of it than its methods may.
package concurrency
