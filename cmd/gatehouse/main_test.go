package main_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what has to happen. Nothing is expected to take that long.
const patience = time.Minute

// binary is the command, as it is built for users.
var binary = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "gatehouse-test")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "gatehouse")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(status)
}

// process is a running `gatehouse serve --demo`.
type process struct {
	cmd                     *exec.Cmd
	ended                   chan error
	announced               string
	stderr                  *output
	http, tls, admin, login string
}

// serveDemo runs the demo on free ports and returns when it listens. What still runs when the test ends is killed.
func serveDemo(t *testing.T, args ...string) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{ended: make(chan error, 1), stderr: new(output)}
	const free = "127.0.0.1:0"
	p.cmd = exec.Command(path, append([]string{"serve", "--demo", "--demo-login", free, "--listen", free, "--listen-tls", free, "--admin", free}, args...)...)
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	lines := bufio.NewScanner(stdout)
	for !strings.Contains(p.announced, "curl") && lines.Scan() {
		p.announced += lines.Text() + "\n"
	}
	timer.Stop()
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	for pattern, into := range map[string]*string{`http +(http://\S+)`: &p.http, `https +(https://\S+)`: &p.tls, `admin +(http://\S+)`: &p.admin, `also at (http://[^/]+)/customer`: &p.login} {
		m := regexp.MustCompile(pattern).FindStringSubmatch(p.announced)
		if m == nil {
			t.Fatalf("nothing like %s in:\n%s%s", pattern, p.announced, p.stderr)
		}
		*into = m[1]
	}
	return p
}

// customer is what a customer of the shop shows.
func (p *process) customer(t *testing.T) string {
	t.Helper()
	res, err := http.Get(p.login + "/customer")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	token, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + strings.TrimSpace(string(token))
}

func (p *process) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// wait returns how the process ended.
func (p *process) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-p.ended:
		return err
	case <-time.After(patience):
		t.Fatalf("it does not end:\n%s", p.stderr)
		return nil
	}
}

// output is what a process has written so far.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// until asks again and again until ask says that it is so.
func until(t *testing.T, what string, ask func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if ask() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func (p *process) draining() bool {
	res, err := http.Get(p.admin + "/readyz")
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusServiceUnavailable
}

// decode reads one JSON answer.
func decode(t *testing.T, client *http.Client, method, url, body string, header ...string) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s, %v: %v", method, url, res.Status, err, answer)
	}
	return answer
}

func TestTheDemoAnswersOverHTTPAndHTTPS(t *testing.T) {
	t.Parallel()
	p := serveDemo(t)
	trusting := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
	}}
	for _, url := range []string{p.http, p.tls} {
		if product := decode(t, trusting, http.MethodGet, url+"/v1/products/copper-saucepan", ""); product["name"] != "Copper Saucepan" {
			t.Errorf("%s: %v", url, product)
		}
	}
}

func TestAnOrderIsWatchedWhileItMoves(t *testing.T) {
	t.Parallel()
	p := serveDemo(t)
	decode(t, http.DefaultClient, http.MethodPost, p.http+"/v1/carts/c-1001/items", `{"productId": "anodised-drafting-pen", "quantity": 1}`, "Authorization", p.customer(t))
	order := decode(t, http.DefaultClient, http.MethodPost, p.http+"/v1/carts/c-1001:checkout", checkout, "Authorization", p.customer(t))["order"].(map[string]any)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.http+"/v1/orders/"+order["id"].(string)+":watch", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", p.customer(t))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); got != "application/x-ndjson" {
		t.Errorf("Content-Type is %s", got)
	}
	var statuses []string
	for lines := bufio.NewScanner(res.Body); len(statuses) < 2 && lines.Scan(); {
		var update struct{ Order struct{ ID, Status string } }
		if err := json.Unmarshal(lines.Bytes(), &update); err != nil || update.Order.ID != order["id"] {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		statuses = append(statuses, update.Order.Status)
	}
	if len(statuses) != 2 || statuses[0] == statuses[1] {
		t.Errorf("the order went through %v", statuses)
	}
}

func TestSIGTERMLetsCallsInFlightFinish(t *testing.T) {
	t.Parallel()
	p := serveDemo(t)
	answer, rest := p.beginCall(t)
	p.signal(t, syscall.SIGTERM)
	until(t, "the edge drains", p.draining)
	if _, err := io.WriteString(rest, `, "quantity": 2}`); err != nil {
		t.Fatal(err)
	}
	if err := rest.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-answer; !strings.HasPrefix(got, "200") || !strings.Contains(got, `"quantity":2`) {
		t.Errorf("the call in flight got %s", got)
	}
	if err := p.wait(t); err != nil {
		t.Errorf("%v\n%s", err, p.stderr)
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	p := serveDemo(t)
	_, rest := p.beginCall(t)
	defer rest.Close()
	p.signal(t, syscall.SIGTERM)
	until(t, "the edge drains", p.draining)
	p.signal(t, syscall.SIGTERM)
	exit, ok := errors.AsType[*exec.ExitError](p.wait(t))
	if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("ended with %v", exit)
	}
}

func TestSIGHUPLoadsAgain(t *testing.T) {
	t.Parallel()
	p := serveDemo(t, "--log-format", "auto")
	p.signal(t, syscall.SIGHUP)
	until(t, "a JSON log line says so", func() bool { return strings.Contains(p.stderr.String(), `"msg":"reloaded","routes":`) })
	decode(t, http.DefaultClient, http.MethodGet, p.http+"/v1/products/copper-saucepan", "")
}

const checkout = `{
	"customerId": "c-1001", "invoice": {},
	"shipTo": {"recipient": "A. Reader", "lines": ["1 Quiet Lane"], "city": "Bremen", "countryCode": "DE"}
}`

// beginCall sends half a request, and returns when the edge reads it: then the call is in flight. The answer comes when
// the rest is written.
func (p *process) beginCall(t *testing.T) (answer <-chan string, rest io.WriteCloser) {
	t.Helper()
	reading := make(chan struct{})
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{Got100Continue: func() { close(reading) }})
	body, rest := io.Pipe()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.http+"/v1/carts/c-1001/items", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Expect", "100-continue")
	req.Header.Set("Authorization", p.customer(t))
	req.Header.Set("Content-Type", "application/json")
	answers := make(chan string, 1)
	go func() {
		res, err := (&http.Transport{ExpectContinueTimeout: patience}).RoundTrip(req)
		if err != nil {
			answers <- err.Error()
			return
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		answers <- res.Status + " " + string(text) + " " + errorText(err)
	}()
	select {
	case <-reading:
	case got := <-answers:
		t.Fatalf("the edge did not read the body: %s", got)
	}
	if _, err := io.WriteString(rest, `{"productId": "anodised-drafting-pen"`); err != nil {
		t.Fatal(err)
	}
	return answers, rest
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
