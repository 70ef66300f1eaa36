// Package browser opens the edge in a real browser, headless Chromium. It uses the sample shop as a page's script would,
// and reads the portal as people do. It is a module of its own, so that what it needs stays out of the main one.
package browser
