package redisclient_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"buf.build/go/protoyaml"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/redisclient"
)

func parse(t *testing.T, text string) *configv1.Redis {
	t.Helper()
	cfg := new(configv1.Redis)
	if err := protoyaml.Unmarshal([]byte(text), cfg); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestAWrongConfigurationIsToldByItsKeys(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{addresses: ["redis:6379"]}`:                                                              nil,
		`{addresses: ["a:1", "[::1]:65535"], cluster: true}`:                                       nil,
		`{addresses: ["a:1"], username: edge, password_file: p, tls: {}, key_prefix: "a-b_c.d:e"}`: nil,
		`{addresses: ["a:1"], timeout: 1s, connections: 1000, tls: {certificate: c, key: k}}`:      nil,

		`{}`:                          {"addresses: is missing"},
		`{addresses: ["a:1", "b:1"]}`: {"addresses: are 2"},
		`{addresses: ["a", ":1", "a:0", "a:65536"], cluster: true}`:   {"addresses[0]:", "addresses[1]:", "addresses[2]:", "addresses[3]:"},
		`{addresses: ["a:1"], cluster: true, database: 1}`:            {"database: 1"},
		`{addresses: ["a:1"], username: edge, tls: {certificate: c}}`: {"password_file: is missing", "tls: needs both"},
		`{addresses: ["a:1"], key_prefix: "{a}"}`:                     {"key_prefix:"},
		`{addresses: ["a:1"], key_prefix: "a\n"}`:                     {"key_prefix:"},
		`{addresses: ["a:1"], timeout: 0s, connections: 1001}`:        {"timeout: 0s", "connections: 1001"},
		`{addresses: ["a:1"], timeout: 10.1s}`:                        {"timeout: 10.1s"},
	} {
		var got []string
		redisclient.Problems(parse(t, text), func(key, format string, args ...any) {
			got = append(got, key+": "+fmt.Sprintf(format, args...))
		})
		if len(got) != len(want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
			continue
		}
		for i := range want {
			if !strings.HasPrefix(got[i], want[i]) {
				t.Errorf("%s: got %q, want %q", text, got[i], want[i])
			}
		}
	}
}

func TestACallWaitsAsLongAsItIsTold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{`{}`: 50 * time.Millisecond, `{timeout: 2s}`: 2 * time.Second} {
		if got := redisclient.Timeout(parse(t, text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestFilesThatCanNotBeReadAreNamed(t *testing.T) {
	t.Parallel()
	junk := filepath.Join(t.TempDir(), "junk")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, text := range map[string]string{
		"password_file: open /none":                              `{password_file: /none}`,
		"tls.authorities: open /none":                            `{tls: {authorities: /none}}`,
		"tls.authorities: " + junk + " holds no PEM certificate": `{tls: {authorities: "` + junk + `"}}`,
		"tls.certificate: open /none":                            `{tls: {certificate: /none, key: /none}}`,
		"tls.certificate: tls: failed to find any PEM data":      `{tls: {certificate: "` + junk + `", key: "` + junk + `"}}`,
	} {
		if _, err := redisclient.New(parse(t, text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
