package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/config"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gatehouse.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTheExampleOfThePageIsRead reads the YAML block of docs/configuration.md.
func TestTheExampleOfThePageIsRead(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the page has no example")
	}
	path := write(t, example)
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := cfg.GetListeners()[1].GetTls().GetCertificate(); got != filepath.Join(filepath.Dir(path), "tls", "edge.crt") {
		t.Errorf("the certificate is at %s", got)
	}
	if got := cfg.GetSources()[0].GetImage(); !filepath.IsAbs(got) {
		t.Errorf("the image is at %s", got)
	}
	if cfg.GetLimits().GetTimeout().AsDuration() != 10*time.Second || cfg.GetDialect().GetPreset() != configv1.Dialect_PRESET_GRPC_GATEWAY {
		t.Errorf("got %v", cfg)
	}
}

func TestMistakesAreReportedWithTheirPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "listeners:\n  - address: :80\n    adress: :81\n", "gatehouse.yaml:3:5: unknown key \"adress\"; did you mean \"address\"?\n   3 |     adress: :81"},
		{"unknown key like no other", "limits:\n  colour: red\n", "gatehouse.yaml:2:3: unknown key \"colour\"; there are body_bytes, body_timeout, "},
		{"unknown key of the whole", "listners: []\n", "gatehouse.yaml:1:1: unknown key \"listners\"; did you mean \"listeners\"?"},
		{"wrong type", "limits:\n  timeout: soon\n", "gatehouse.yaml:2:12"},
		{"negative size", "limits: {body_bytes: -3}\n", "gatehouse.yaml:1:22: expected a whole number, got \"-3\"\n   1 | "},
		{"mapping for a list", "upstreams: {target: a:1}\n", "gatehouse.yaml:1:12: expected a list, got keys with values\n"},
		{"tab", "limits:\n\ttimeout: 5s\n", "gatehouse.yaml:2: found character that cannot start any token; YAML is indented with spaces, not with tabs"},
		{"not YAML", "listeners: [\n", "gatehouse.yaml:1: did not find"},
		{"value out of range", "listeners:\n  - address: :80\n  - tls: {selfSigned: true}\n    address: nowhere\n", "gatehouse.yaml:4:5: listeners[1].address: "},
		{"value left out", "admin_address: off\nupstreams:\n  - services: [a.A]\n", "gatehouse.yaml:3:5: upstreams[0].target: is missing"},
		{"key in lowerCamelCase", "limits:\n  jsonDepth: 20000\n", "gatehouse.yaml:2:3: limits.json_depth: "},
		{"unknown value", "dialect:\n  preset: PRESET_ENVOY\n", "gatehouse.yaml:2:11"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := config.Load(write(t, c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s in it", err, c.want)
			}
		})
	}
}

func TestEverythingThatIsWrongIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := config.Load(write(t, `
listeners:
  - address: localhost
  - address: :99999
    tls: {certificate: a.crt}
  - address: :8443
    tls: {self_signed: true, key: a.key}
admin_address: nowhere
sources: [{}]
upstreams:
  - services: [a.A]
  - target: one:1
    services: [a.A]
    connections: 1000
  - target: two:1
  - target: three:1
limits:
  json_depth: 20000
  timeout: -1s
  drain: -1s
  body_timeout: -1s
  body_bytes: 9999999999
  upstream_message_bytes: 9999999999
  stream_message_bytes: 9999999999
  upload_bytes: 18446744073709551615
services:
  - names: [a.A]
  - names: [a.A]
  - dialect: {}
streams: {heartbeat: -1s, retry: -1s, origins: ["*", app.example.com]}
`))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"listeners[0].address", "listeners[1].address", "admin_address", "sources[0]",
		"upstreams[0].target", "upstreams[1].services: a.A is at upstreams[0] already", "upstreams[1].connections",
		"upstreams[3].services", "limits.json_depth", "limits.timeout", "limits.drain", "limits.body_bytes", "limits.upstream_message_bytes",
		"limits.body_timeout", "limits.stream_message_bytes", "limits.upload_bytes", "services[1].names: a.A is at services[0] already",
		"services[2].names: is missing", "streams.heartbeat", "streams.retry", "streams.origins[1]",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing about %s in:\n%v", want, err)
		}
	}
}
