package server_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// patience is how long something may take that takes a moment.
const patience = 30 * time.Second

// until waits for what will be so soon.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not within " + patience.String() + ": " + what)
		}
	}
}

// connect opens a connection to an edge.
func connect(t *testing.T, url string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // it may be closed already
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// last ends a connection, if it is served.
const last = "GET " + prefix + "/items/last HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"

// pipelined sends bytes over a connection, and a last request behind them, and returns all answers that come.
func pipelined(t *testing.T, url, text string) (answers []reply) {
	t.Helper()
	conn := connect(t, url)
	go io.WriteString(conn, text+last) //nolint:errcheck // the edge may have heard enough
	in := bufio.NewReader(conn)
	for {
		res, err := http.ReadResponse(in, nil)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("the edge waits for more behind %.300q", text)
		}
		if err != nil {
			return answers // the edge has had enough
		}
		body, err := io.ReadAll(res.Body)
		answers = append(answers, reply{res.StatusCode, res.Header, string(body)})
		if errors.Join(err, res.Body.Close()) != nil {
			return answers
		}
	}
}

// statuses are those of answers.
func statuses(answers []reply) (all []int) {
	for _, a := range answers {
		all = append(all, a.status)
	}
	return all
}

// waiting is an edge that does not wait for the rest of a body for long.
func waiting(t *testing.T) (*edgetest.Backend, string) {
	t.Helper()
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Limits = &configv1.Limits{BodyTimeout: durationpb.New(200 * time.Millisecond)}
	return b, listening(t, cfg).URLs()[0]
}

// smuggled is the request that somebody tries to get in behind another.
const smuggled = "GET " + prefix + "/items/smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n"

func TestNoRequestIsSmuggledInTheBodyOfAnother(t *testing.T) {
	t.Parallel()
	_, url := waiting(t)
	const begin = "POST " + prefix + "/body HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/json\r\n"
	chunked := fmt.Sprintf("0\r\n\r\n%s", smuggled)
	for name, text := range map[string]string{
		"a length of 4 and chunks":             begin + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(smuggled), smuggled),
		"two lengths, short first":             begin + fmt.Sprintf("Content-Length: 2\r\nContent-Length: %d\r\n\r\n{}", 2+len(smuggled)) + smuggled,
		"two lengths, long first":              begin + fmt.Sprintf("Content-Length: %d\r\nContent-Length: 2\r\n\r\n{}", 2+len(smuggled)) + smuggled,
		"two lengths in one line":              begin + fmt.Sprintf("Content-Length: 2, %d\r\n\r\n{}", 2+len(smuggled)) + smuggled,
		"a length with a sign":                 begin + "Content-Length: +2\r\n\r\n{}" + smuggled,
		"a negative length":                    begin + "Content-Length: -1\r\n\r\n{}" + smuggled,
		"a length in hexadecimal":              begin + "Content-Length: 0x2\r\n\r\n{}" + smuggled,
		"a length with an underscore":          begin + "Content-Length: 1_0\r\n\r\n{}" + smuggled,
		"an enormous length":                   begin + "Content-Length: 18446744073709551618\r\n\r\n{}" + smuggled,
		"an empty length":                      begin + "Content-Length: \r\n\r\n" + smuggled,
		"a length with a space before :":       begin + "Content-Length : 2\r\n\r\n{}" + smuggled,
		"an encoding with a space before :":    begin + "Transfer-Encoding : chunked\r\n\r\n" + chunked,
		"an encoding behind a bare line feed":  begin + "X: a\nTransfer-Encoding : chunked\r\n\r\n" + chunked,
		"an encoding that is not known":        begin + "Transfer-Encoding: xchunked\r\n\r\n" + chunked,
		"an encoding in quotes":                begin + "Transfer-Encoding: \"chunked\"\r\n\r\n" + chunked,
		"an encoding behind a vertical tab":    begin + "Transfer-Encoding: \x0bchunked\r\n\r\n" + chunked,
		"chunks, then none":                    begin + "Transfer-Encoding: chunked, identity\r\n\r\n" + chunked,
		"two encodings":                        begin + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + chunked,
		"gzip, then chunks":                    begin + "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked,
		"an encoding of HTTP/1.0":              strings.Replace(begin, "1.1", "1.0", 1) + "Transfer-Encoding: chunked\r\n\r\n" + chunked,
		"a chunk of a signed size":             begin + "Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n" + chunked,
		"a chunk of a size with 0x":            begin + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n" + chunked,
		"a chunk of an enormous size":          begin + "Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n" + chunked,
		"a chunk without an end of line":       begin + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}" + chunked,
		"an extension with a bare line feed":   begin + "Transfer-Encoding: chunked\r\n\r\n2;a=\"\n\"\r\n{}\r\n0\r\nX: " + smuggled,
		"a trailer that frames":                begin + "Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n2\r\n{}\r\n0\r\nContent-Length: 9\r\n" + smuggled,
		"a GET with a body":                    "GET " + prefix + "/query HTTP/1.1\r\nHost: example.com\r\nContent-Length: " + fmt.Sprint(len(smuggled)) + "\r\n\r\n" + smuggled,
		"a preflight with a body":              "OPTIONS " + prefix + "/query HTTP/1.1\r\nHost: example.com\r\nContent-Length: " + fmt.Sprint(len(smuggled)) + "\r\n\r\n" + smuggled,
		"an upgrade that is refused":           "GET " + prefix + "/query HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: " + fmt.Sprint(len(smuggled)) + "\r\n\r\n" + smuggled,
		"an expectation that is not met":       begin + fmt.Sprintf("Expect: 200-ok\r\nContent-Length: %d\r\n\r\n", len(smuggled)) + smuggled,
		"a body that is refused":               strings.Replace(begin, "application/json", "text/plain", 1) + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(smuggled)) + smuggled,
		"a body that is refused, for its size": begin + fmt.Sprintf("Content-Length: %d\r\n\r\n", 5<<20) + smuggled,
	} {
		for _, a := range pipelined(t, url, text) {
			if strings.Contains(a.body, `"text":"smuggled"`) {
				t.Errorf("%s: it was served: %s", name, a.body)
			}
		}
	}
}

// RFC 9112, section 6.3: chunks override a length, in whatever way they are announced.
func TestARequestEndsWhereItsChunksEnd(t *testing.T) {
	t.Parallel()
	_, url := waiting(t)
	for _, framing := range []string{
		"Transfer-Encoding: chunked", "Transfer-Encoding: Chunked", "Transfer-Encoding:\r\n chunked", "Transfer-Encoding: \tchunked ",
		"Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 500",
	} {
		begin := "POST " + prefix + "/body HTTP/1.1\r\nHost: example.com\r\n" + framing + "\r\n\r\n"
		answers := pipelined(t, url, begin+"c\r\n{\"text\":\"a\"}\r\n0\r\n\r\n")
		if !slices.Equal(statuses(answers), []int{200, 200}) || !strings.Contains(answers[0].body, `"text":"a"`) || !strings.Contains(answers[1].body, `"text":"last"`) {
			t.Errorf("%q: %v", framing, answers)
		}
	}
}

func TestAMalformedRequestIsRefusedAndNothingBehindItIsServed(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	edge := listening(t, edgetest.InFrontOf(b.Target))
	const get, host = "GET " + prefix + "/query HTTP/1.1\r\n", "Host: example.com\r\n"
	for name, text := range map[string]string{
		"no host":                     get + "\r\n",
		"two hosts":                   get + host + "Host: other.example.com\r\n\r\n",
		"the same host twice":         get + host + host + "\r\n",
		"a host that is none":         get + "Host: example.com/../x\r\n\r\n",
		"a host with a space":         get + "Host: example.com other\r\n\r\n",
		"a header without a colon":    get + host + "X-Tenant\r\n\r\n",
		"a header without a name":     get + host + ": a\r\n\r\n",
		"a space before the colon":    get + host + "X-Tenant : a\r\n\r\n",
		"a space before the name":     get + " X-Tenant: a\r\n" + host + "\r\n",
		"a zero in a value":           get + host + "X-Tenant: a\x00b\r\n\r\n",
		"a zero in a name":            get + host + "X-Ten\x00ant: a\r\n\r\n",
		"a bare carriage return":      get + host + "X-Tenant: a\rX-Other: b\r\n\r\n",
		"letters outside ASCII":       get + host + "X-T\u00e9nant: a\r\n\r\n",
		"a method that is none":       "G@T " + prefix + "/query HTTP/1.1\r\n" + host + "\r\n",
		"two spaces":                  "GET  " + prefix + "/query HTTP/1.1\r\n" + host + "\r\n",
		"a space in the target":       "GET " + prefix + "/query a HTTP/1.1\r\n" + host + "\r\n",
		"a control character in it":   "GET " + prefix + "/que\x01ry HTTP/1.1\r\n" + host + "\r\n",
		"a target without a slash":    "GET edgetest/v1/query HTTP/1.1\r\n" + host + "\r\n",
		"a bad escape in the target":  "GET " + prefix + "/items/%zz HTTP/1.1\r\n" + host + "\r\n",
		"no version":                  "GET " + prefix + "/query\r\n" + host + "\r\n",
		"a version that is none":      "GET " + prefix + "/query HTTP/1.1x\r\n" + host + "\r\n",
		"a version yet to come":       "GET " + prefix + "/query HTTP/3.0\r\n" + host + "\r\n",
		"a preface of HTTP/2, broken": "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
		"no HTTP at all":              "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
	} {
		answers := pipelined(t, edge.URLs()[0], text+smuggled)
		for _, a := range answers {
			if a.status < 400 {
				t.Errorf("%s: %v", name, statuses(answers))
			}
		}
		if m, _ := b.Last(); m != nil {
			t.Errorf("%s: %v was served, %v", name, m, statuses(answers))
		}
	}
}

func TestTheEdgeIsNoProxyForOthers(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	edge := listening(t, edgetest.InFrontOf(b.Target))
	for _, begin := range []string{"CONNECT example.com:443", "CONNECT " + prefix + "/query", "GET example.com:80", "GET //example.com" + prefix + "/query"} {
		got := raw(t, edge.URLs()[0], begin+" HTTP/1.1\r\nHost: example.com:443\r\n\r\n")
		if m, _ := b.Last(); got.status < 400 || got.status >= 500 || m != nil {
			t.Errorf("%s: %d %s, %v", begin, got.status, got.body, m)
		}
	}
}

func TestAFoldedHeaderIsOneHeader(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Headers = &configv1.Headers{Request: []string{"X-Tenant", "X-Other"}}
	edge := listening(t, cfg)
	raw(t, edge.URLs()[0], "GET "+prefix+"/query HTTP/1.1\r\nHost: example.com\r\nX-Tenant: a\r\n X-Other: b\r\n\r\n")
	if m, md := b.Last(); m != nil && (md["x-other"] != nil || len(md["x-tenant"]) != 1) {
		t.Errorf("the service was told %v", md)
	}
}

func TestTheTargetDecidesWhoseHostItIs(t *testing.T) {
	t.Parallel()
	target := startShop(t)
	cfg := edgetest.InFrontOf(target)
	cfg.Audiences = []*configv1.Audience{{Name: "public"}, {Name: "partner", VisibilityLabels: []string{"PARTNER"}, Hosts: []string{"partners.example.com"}}}
	edge := listening(t, cfg)
	const path = "/v1/products/copper-saucepan?view=PRODUCT_VIEW_FULL"
	for text, wholesale := range map[string]bool{
		"GET http://partners.example.com" + path + " HTTP/1.1\r\nHost: example.com\r\n\r\n":                                                        true, // RFC 9112, section 3.2.2
		"GET http://example.com" + path + " HTTP/1.1\r\nHost: partners.example.com\r\n\r\n":                                                        false,
		"GET " + path + " HTTP/1.1\r\nHost: partners.example.com\r\n\r\n":                                                                          true,
		"GET " + path + " HTTP/1.1\r\nHost: example.com\r\nX-Forwarded-Host: partners.example.com\r\nForwarded: host=partners.example.com\r\n\r\n": false,
		"GET http://user@partners.example.com@example.com" + path + " HTTP/1.1\r\nHost: example.com\r\n\r\n":                                       false,
	} {
		answers := pipelined(t, edge.URLs()[0], text)
		if len(answers) == 0 || strings.Contains(answers[0].body, "wholesalePrice") != wholesale {
			t.Errorf("%q: %v", text, answers)
		}
	}
}

func TestAFloodOfHeadersIsRefused(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	edge := listening(t, edgetest.InFrontOf(b.Target))
	const get, host = "GET " + prefix + "/query HTTP/1.1\r\n", "Host: example.com\r\n"
	var many strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&many, "X-%d: a\r\n", i)
	}
	for name, c := range map[string]struct {
		text   string
		status int
	}{
		"many headers":               {get + host + many.String() + "\r\n", 431},
		"many of one name":           {get + host + strings.Repeat("X-A: a\r\n", 100_000) + "\r\n", 431},
		"some more than are allowed": {get + host + strings.Repeat("X-A: a\r\n", 5_000) + "\r\n", 431},
		"one that is giant":          {get + host + "X-A: " + strings.Repeat("a", 64<<20) + "\r\n\r\n", 431},
		"one that is large":          {get + host + "X-A: " + strings.Repeat("a", 40<<10) + "\r\n\r\n", 431},
		"a name that is giant":       {get + host + strings.Repeat("a", 1<<20) + ": a\r\n\r\n", 431},
		"a giant line of request":    {"GET /" + strings.Repeat("a", 64<<20) + " HTTP/1.1\r\n" + host + "\r\n", 431},
		"a URL that is long":         {"GET /" + strings.Repeat("a", 20<<10) + " HTTP/1.1\r\n" + host + "\r\n", 414},
		"a giant method":             {strings.Repeat("A", 1<<20) + " / HTTP/1.1\r\n" + host + "\r\n", 431},
		"a preflight":                {"OPTIONS " + prefix + "/query HTTP/1.1\r\n" + host + "Origin: https://a.example.com\r\nAccess-Control-Request-Method: GET\r\n" + strings.Repeat("X-A: a\r\n", 5_000) + "\r\n", 431},
		"flooding trailers":          {"POST " + prefix + "/body HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + strings.Repeat("X-A: a\r\n", 500_000) + "\r\n", 400},
	} {
		conn := connect(t, edge.URLs()[0])
		go io.WriteString(conn, c.text) //nolint:errcheck // the edge may have heard enough
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			m, _ := b.Last()
			if m != nil || strings.Contains(name, "more than") {
				t.Errorf("%s: %v, %v", name, err, m)
			}
			continue // the connection was reset while the client was still talking
		}
		if m, _ := b.Last(); res.StatusCode != c.status || m != nil {
			t.Errorf("%s: %d, want %d; %v", name, res.StatusCode, c.status, m)
		}
		if err := errors.Join(res.Body.Close(), conn.Close()); err != nil {
			t.Error(err)
		}
	}
}
