package storefront

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

const (
	pagePath    = "/"
	assetsPath  = "/storefront/assets/"
	sessionPath = "/storefront/session/"
)

// policy lets the page load what is on its own host, and call that host.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self'",
	"font-src 'self'",
	"connect-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
}, "; ")

// Caller is somebody whom the visitor may be.
type Caller struct {
	Name string `json:"name"`
	Says string `json:"says"` // who that is
}

// Options say who the visitor may be. There may be nobody.
type Options struct {
	Callers []Caller
	Token   func(caller string) (token string, err error) // by the caller's name
}

// New returns a handler of GET and HEAD at / and below /storefront/. It may serve any number of requests at once, if the
// options' function may.
func New(options Options) (http.Handler, error) {
	if len(options.Callers) > 0 && options.Token == nil {
		return nil, errors.New("callers need a function that makes their tokens")
	}
	files, err := embeddedFiles(options.Callers)
	if err != nil {
		return nil, err
	}
	return &storefront{files: files, options: options}, nil
}

type storefront struct {
	files   map[string]*file // by path
	options Options
}

func (s *storefront) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	serve := s.find(r.URL.Path)
	switch {
	case serve == nil:
		http.Error(w, "there is no such page", http.StatusNotFound)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "pages can only be read", http.StatusMethodNotAllowed)
	default:
		serve(w, r)
	}
}

// find returns nil where nothing is.
func (s *storefront) find(path string) http.HandlerFunc {
	if f, ok := s.files[path]; ok {
		return f.ServeHTTP
	}
	name, ok := strings.CutPrefix(path, sessionPath)
	if !ok {
		return nil
	}
	for _, caller := range s.options.Callers {
		if caller.Name == name {
			return func(w http.ResponseWriter, _ *http.Request) { s.sendToken(w, name) }
		}
	}
	return nil
}

func (s *storefront) sendToken(w http.ResponseWriter, caller string) {
	token, err := s.options.Token(caller)
	if err != nil {
		http.Error(w, "no token can be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(map[string]string{"token": token}) //nolint:errcheck,errchkjson // a client that left needs no answer
}
