package corpus

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/protobuf/proto"
)

// request is what the client sends.
type request struct {
	method string
	path   string // as it goes over the wire
	query  string
	header http.Header
	body   []byte
}

func parseRequest(p part) (request, error) {
	first := p.lines[0]
	words := strings.Split(first.text, " ")
	if len(words) < 2 || !strings.HasPrefix(words[1], "/") {
		return request{}, p.errorAt(first, "expected a method, a path and the form of the body, found %q", first.text)
	}
	r := request{method: words[0], header: http.Header{}}
	r.path, r.query, _ = strings.Cut(words[1], "?")
	head, body := headAndBody(p.lines[1:])
	for _, l := range head {
		name, value, err := p.field(l)
		if err != nil {
			return r, err
		}
		r.header.Add(name, value)
	}
	lineEnd := "\n"
	if strings.HasPrefix(r.header.Get("Content-Type"), "multipart/") {
		lineEnd = "\r\n"
	}
	text := strings.Join(texts(body), lineEnd)
	switch form := strings.Join(words[2:], " "); {
	case form == "":
		r.body = []byte(text)
	case form == "gzip":
		r.body = compressed(text)
	case words[2] == "protobuf" && len(words) == 4:
		m, err := p.message(first, words[3], text)
		if err != nil {
			return r, err
		}
		if r.body, err = (proto.MarshalOptions{Deterministic: true}).Marshal(m); err != nil {
			return r, p.errorAt(first, "%v", err)
		}
	default:
		return r, p.errorAt(first, "%q is no form of a body", form)
	}
	return r, nil
}

func compressed(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text)) //nolint:errcheck // a buffer takes everything
	w.Close()             //nolint:errcheck // likewise
	return b.Bytes()
}

// to makes the request to the gateway at a URL.
func (r *request) to(ctx context.Context, base string) (*http.Request, error) {
	target, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, r.method, base, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.URL = &url.URL{Scheme: target.Scheme, Host: target.Host, Opaque: r.path, RawQuery: r.query}
	req.Header = r.header.Clone()
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	if req.Header["User-Agent"] == nil {
		req.Header["User-Agent"] = []string{""} // or net/http names itself
	}
	return req, nil
}
