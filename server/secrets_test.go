package server_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/server"
)

// written is what was written so far.
type written struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *written) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

func TestNoSecretIsLoggedCountedOrListed(t *testing.T) {
	t.Parallel()
	b, r := edgetest.StartBackend(t), edgetest.StartResources(t)
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Upstreams = append(cfg.Upstreams, &configv1.Upstream{Target: r.Target, Services: []string{"edgetest.v1.ResourceService"}})
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto/edgetest"}}, {Origin: &configv1.Source_Protos{Protos: "testdata/redact"}}}
	cfg.DefaultPolicy = everybody()
	tokens := guard(t, cfg)
	withKey(t, cfg.GetAuthentication())
	cfg.AccessLog = &configv1.AccessLog{SecretParameters: []string{"text"}}
	lines, log := new(written), new(written)
	edge := listening(t, cfg, server.WithStdout(lines), server.WithLogger(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	url := edge.URLs()[0]

	const s = "s3cr3t" // is in all that must not be seen
	for _, c := range []struct {
		method, path, body string
		header             []string
	}{
		{"GET", prefix + "/query", "", []string{"Authorization", "Bearer " + tokens["customer"]}},
		{"GET", prefix + "/query", "", []string{"Authorization", "Bearer " + tokens["customer"] + s}},
		{"GET", prefix + "/query", "", []string{"Authorization", "Bearer " + s + "." + s + "." + s}},
		{"GET", prefix + "/query", "", []string{"Authorization", "Basic " + s}},
		{"GET", prefix + "/query", "", []string{"X-Api-Key", "parrot"}},
		{"GET", prefix + "/query", "", []string{"X-Api-Key", s}},
		{"GET", prefix + "/query", "", []string{"Cookie", "session=" + s, "X-Tenant", s, "X-Gatehouse-Token", s}},
		{"GET", prefix + "/query", "", []string{"Grpc-Timeout", s}},
		{"GET", prefix + "/query?access_token=" + s, "", nil},
		{"GET", prefix + "/query?Pass%77ord=" + s, "", nil},
		{"GET", prefix + "/query?apiKey=" + s + "&user.password=" + s, "", nil},
		{"GET", prefix + "/query?text=" + s, "", nil},
		{"GET", prefix + "/fail/13?text=" + s, "", nil},
		{"POST", prefix + "/body", `{"text":"` + s + `"}`, nil},
		{"POST", prefix + "/body", `{"text":` + s, nil},
		{"POST", prefix + "/body", s, []string{"Content-Encoding", "gzip"}},
		{"GET", "/redact/v1/people?diagnosis=" + s + "&person.tax_number=" + s + "&person.taxNumber=" + s, "", nil},
		{"GET", "/redact/v1/people?diagnosis=" + s, "", nil},
		{"GET", "/redact/v1/people/" + s, "", nil},
		{"POST", "/redact/v1/people?diagnosis=" + s, `{"person":{"taxNumber":"` + s + `"}}`, nil},
		{"GET", "/nowhere?token=" + s, "", nil},
		{"OPTIONS", prefix + "/query?token=" + s, "", []string{"Origin", "https://" + s + ".example.com", "Access-Control-Request-Method", "GET"}},
	} {
		request(t, c.method, url+c.path, c.body, c.header...)
	}
	offering := func(token string) *websocket.DialOptions {
		return &websocket.DialOptions{Subprotocols: []string{"gatehouse", "bearer." + token}}
	}
	conn := dial(t, url+prefix+"/resources:talk", offering(tokens["customer"]))
	write(t, conn, `{"title":"fail"}`)
	closing(t, conn)
	if got := handshake(t, url+prefix+"/resources:talk", offering(s)); got != http.StatusUnauthorized {
		t.Errorf("a bad token: %d", got)
	}
	until(t, "all requests are logged", func() bool { return strings.Count(lines.String(), "\n") >= 24 })
	said := map[string]string{"the access log": lines.String(), "the log": log.String()}
	for _, path := range []string{"/metrics", "/routes"} {
		said[path] = request(t, "GET", edge.AdminURL()+path, "").body
	}
	signature := tokens["customer"][strings.LastIndex(tokens["customer"], ".")+1:]
	for where, text := range said {
		for _, secret := range []string{s, "parrot", tokens["customer"], signature} {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s holds %q: %s", where, secret, text[max(0, at-400):min(len(text), at+100)])
			}
		}
		if text == "" {
			t.Errorf("%s is empty", where)
		}
	}
	if jwt := regexp.MustCompile(`eyJ[\w-]{10,}\.`).FindString(lines.String() + log.String()); jwt != "" {
		t.Errorf("a token is logged: %s", jwt)
	}
}
