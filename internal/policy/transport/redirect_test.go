package transport_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
)

// raw sends a request as it stands, and returns the status, the Location and the body.
func raw(t *testing.T, address, request string) (status int, location, body string) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.Header.Get("Strict-Transport-Security") != "" {
		t.Errorf("%q: HSTS was sent over HTTP", request)
	}
	return response.StatusCode, response.Header.Get("Location"), string(content)
}

func TestEverybodyIsSentToHTTPSAtTheSameHost(t *testing.T) {
	t.Parallel()
	standard, other := httptest.NewServer(transport.Redirect(443, nil)), httptest.NewServer(transport.Redirect(8443, nil))
	t.Cleanup(standard.Close)
	t.Cleanup(other.Close)
	for _, c := range []struct{ line, host, want string }{ // "" is 400
		{"GET / HTTP/1.1", "example.com", "https://example.com/"},
		{"GET /a/b?c=d&e HTTP/1.1", "example.com:80", "https://example.com/a/b?c=d&e"},
		{"POST /v1/carts HTTP/1.1", "Example.COM", "https://Example.COM/v1/carts"},
		{"GET /a%2Fb%20c/%E2%82%AC HTTP/1.1", "example.com", "https://example.com/a%2Fb%20c/%E2%82%AC"},
		{"GET /?q=\xe2\x82\xac HTTP/1.1", "example.com", "https://example.com/?q=%e2%82%ac"},
		{"GET //evil.example.net/x HTTP/1.1", "example.com", "https://example.com//evil.example.net/x"},
		{"GET /../x HTTP/1.1", "example.com", "https://example.com/../x"},
		{"GET /@evil.example.net HTTP/1.1", "example.com", "https://example.com/@evil.example.net"},
		{"GET /?x=%0d%0aSet-Cookie:a=b HTTP/1.1", "example.com", "https://example.com/?x=%0d%0aSet-Cookie:a=b"},
		{"GET / HTTP/1.1", "example.com:", "https://example.com/"},
		{"GET / HTTP/1.1", "example.com.", "https://example.com./"},
		{"GET / HTTP/1.1", "my_host", "https://my_host/"},
		{"GET / HTTP/1.1", "192.0.2.7:8080", "https://192.0.2.7/"},
		{"GET / HTTP/1.1", "[2001:db8::1]:8080", "https://[2001:db8::1]/"},
		{"GET / HTTP/1.1", "[2001:DB8:0::1]", "https://[2001:db8::1]/"},
		{"GET http://example.com/a?b HTTP/1.1", "ignored.example.net", "https://example.com/a?b"},
		{"GET http://example.com HTTP/1.1", "example.com", "https://example.com/"},
		{"GET http://user:secret@example.com/a HTTP/1.1", "example.com", "https://example.com/a"},
		{"GET / HTTP/1.1", "", ""},
		{"GET / HTTP/1.1", "2001:db8::1", ""},
		{"GET / HTTP/1.1", "[2001:db8::1", ""},
		{"GET / HTTP/1.1", "[2001:db8::1]x", ""},
		{"GET / HTTP/1.1", "[2001:db8::1]8080", ""},
		{"GET / HTTP/1.1", "[fe80::1%25eth0]", ""},
		{"GET / HTTP/1.1", "[192.0.2.7]", ""},
		{"GET / HTTP/1.1", "[]", ""},
		{"GET / HTTP/1.1", "]", ""},
		{"GET / HTTP/1.1", ":8080", ""},
		{"GET / HTTP/1.1", "example.com:x", ""},
		{"GET / HTTP/1.1", "example.com:65536", ""},
		{"GET / HTTP/1.1", "example.com:80:80", ""},
		{"GET / HTTP/1.1", "example.com@evil.example.net", ""},
		{"GET / HTTP/1.1", "example.com/evil", ""},
		{"GET / HTTP/1.1", `example.com\evil`, ""},
		{"GET / HTTP/1.1", "example.com?evil", ""},
		{"GET / HTTP/1.1", "example.com#evil", ""},
		{"GET / HTTP/1.1", "exa mple.com", ""},
		{"GET / HTTP/1.1", "example.com%2fevil", ""},
		{"GET / HTTP/1.1", "example..com", ""},
		{"GET / HTTP/1.1", "-example.com", ""},
		{"GET / HTTP/1.1", "example.com\xe2\x82\xac", ""},
		{"GET / HTTP/1.1", strings.Repeat("a", 64) + ".com", ""},
		{"GET / HTTP/1.1", strings.Repeat("a.", 127) + "com", ""},
		{"GET http://exa%20mple.com/ HTTP/1.1", "example.com", ""},
		{"CONNECT example.com:443 HTTP/1.1", "example.com", ""},
	} {
		request := c.line + "\r\nHost: " + c.host + "\r\nConnection: close\r\n\r\n"
		status, location, body := raw(t, standard.Listener.Addr().String(), request)
		want := http.StatusPermanentRedirect
		if c.want == "" {
			want = http.StatusBadRequest
		}
		if status != want || location != c.want || len(body) > 100 {
			t.Errorf("%q: got %d to %q, want %d to %q; %q", request, status, location, want, c.want, body)
		}
		_, location, _ = raw(t, other.Listener.Addr().String(), request)
		if elsewhere := withPort(t, c.want, "8443"); location != elsewhere {
			t.Errorf("%q: got to %q, want %q", request, location, elsewhere)
		}
	}
}

func withPort(t *testing.T, location, port string) string {
	t.Helper()
	if location == "" {
		return ""
	}
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(location, u.Host, u.Host+":"+port, 1)
}

func TestNoHostIsAnHTTP10RequestThatCanNotBeSentOn(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(transport.Redirect(443, nil))
	t.Cleanup(s.Close)
	if status, location, _ := raw(t, s.Listener.Addr().String(), "GET / HTTP/1.0\r\n\r\n"); status != http.StatusBadRequest || location != "" {
		t.Errorf("got %d to %q", status, location)
	}
	if status, _, _ := raw(t, s.Listener.Addr().String(), "OPTIONS * HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"); status == http.StatusPermanentRedirect {
		t.Error("* was sent to HTTPS")
	}
}

func TestChallengesAreAnsweredOverHTTP(t *testing.T) {
	t.Parallel()
	answers := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "answer") })
	for path, want := range map[string]int{
		"/.well-known/acme-challenge/token": http.StatusOK,
		"/.well-known/acme-challenges":      http.StatusPermanentRedirect,
		"/.well-known/security.txt":         http.StatusPermanentRedirect,
	} {
		w := httptest.NewRecorder()
		transport.Redirect(443, answers).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
	}
	w := httptest.NewRecorder()
	transport.Redirect(443, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/.well-known/acme-challenge/token", nil))
	if w.Code != http.StatusPermanentRedirect {
		t.Errorf("without challenges: got %d", w.Code)
	}
}

// Whatever the header, whoever follows the redirect is at the host that it names, or nowhere.
func FuzzARedirectNamesNoOtherHost(f *testing.F) {
	for _, seed := range []string{"example.com", "example.com:80", "[::1]:80", "a@b", "a/b", "a\\b", "a%00b", "[::1", "xn--bcher-kva.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest(http.MethodGet, "/path", nil)
		r.Host = header
		w := httptest.NewRecorder()
		transport.Redirect(443, nil).ServeHTTP(w, r)
		location := w.Header().Get("Location")
		if w.Code == http.StatusBadRequest && location == "" {
			return
		}
		u, err := url.Parse(location)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || u.Path != "/path" {
			t.Fatalf("%q: %q, %v", header, location, err)
		}
		if !strings.HasPrefix(header, u.Host) && !strings.HasPrefix(header, "[") {
			t.Errorf("%q is sent to %q", header, u.Host)
		}
	})
}
