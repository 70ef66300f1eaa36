// Package browser opens the sample shop behind the edge in a real browser, headless Chromium, and uses it as a page's
// script would. It is a module of its own, so that what it needs stays out of the main one.
package browser
