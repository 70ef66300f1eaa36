package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/cli"
	"github.com/gatehouse-edge/gatehouse/internal/shop"
)

var update = flag.Bool("update", false, "write docs/command.md")

// TestMain makes help as wide as the page has it, whatever the terminal.
func TestMain(m *testing.M) {
	if err := os.Setenv("COLUMNS", "80"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// run runs a command line that ends by itself.
func run(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = cli.Run(t.Context(), args, &out, &errs)
	return status, out.String(), errs.String()
}

func TestCheckPrintsProblemsLikeACompiler(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := run(t, "check", "testdata/bad")
	const want = `testdata/bad/bad.proto:9:5: bad.v1.BadService.GetThing: template variable {nmae}: message bad.v1.GetThingRequest has no field "nmae"; it has name
1 problem
`
	if status != 1 || stdout != "" {
		t.Errorf("status %d, stdout %q", status, stdout)
	}
	if stderr != want {
		t.Errorf("got\n%s", stderr)
	}
	status, _, stderr = run(t, "check", "testdata/twice")
	if status != 1 || !strings.Contains(stderr, "twice.proto:12:5: duplicate route: GET /v1/things of twice.v1.TwiceService.ListThings") || !strings.Contains(stderr, "FindThings") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

// TestTheExampleOfASplitServiceIsSound puts it in the place of what it replaces, as its page says.
func TestTheExampleOfASplitServiceIsSound(t *testing.T) {
	t.Parallel()
	var said []string
	for _, folders := range [][]string{{"../../proto/shop"}, {"../../proto/shop", "../../examples/split/shop"}} {
		protos := t.TempDir()
		for _, folder := range folders {
			err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() {
					return err
				}
				text, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				to := filepath.Join(protos, "shop", strings.TrimPrefix(path, folder))
				return errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, text, 0o600))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		status, stdout, stderr := run(t, "check", protos)
		if status != 0 || !strings.HasSuffix(stdout, ", nothing wrong\n") {
			t.Errorf("%v: status %d\n%s%s", folders, status, stdout, stderr)
		}
		said = append(said, stdout)
	}
	if said[0] != said[1] {
		t.Errorf("got\n%s\nand\n%s", said[0], said[1])
	}
}

// TestCheckSeesWhatALabelOpens has two routes in conflict, one of them for the holders of INTERNAL only.
func TestCheckSeesWhatALabelOpens(t *testing.T) {
	t.Parallel()
	if status, stdout, stderr := run(t, "check", "testdata/hidden"); status != 0 || !strings.HasSuffix(stdout, "\n1 route of 1 service, nothing wrong\n") || !strings.Contains(stdout, "no policy says who may call") || !strings.Contains(stdout, "\n  hidden.v1.HiddenService.ListThings\n") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	status, _, stderr := run(t, "check", "testdata/hidden", "--label", "INTERNAL")
	if status != 1 || !strings.HasPrefix(stderr, "testdata/hidden/hidden.proto:14:5: duplicate route: ") || !strings.HasSuffix(stderr, "\n1 problem\n") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

func TestProblemsOfSeveralFilesAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	status, _, stderr := run(t, "check", "testdata/broken/a.proto", "testdata/broken/b.proto")
	const want = `testdata/broken/a.proto:6:3: field broken.A.first: unknown type Missing
testdata/broken/b.proto:6:17: syntax error: unexpected ';', expecting int literal
2 problems
`
	if status != 1 || stderr != want {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

func TestCheckSaysWhatItFoundGood(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := run(t, "check", "../../proto/shop")
	if status != 0 || !regexp.MustCompile(`^\d+ routes of \d+ services, nothing wrong\n$`).MatchString(stdout) || stderr != "" {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

func TestRoutesPrintsATable(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := run(t, "routes", "--proto", "../../proto/shop", "--upstream", "shop.orders.v1.OrdersService=orders:1")
	if status != 0 || stderr != "" {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	for _, want := range []string{
		`(?m)^METHOD +TEMPLATE +RPC +STREAM +UPSTREAM$`,
		`(?m)^GET +/v1/orders/\{id\}:watch +shop.orders.v1.OrdersService.WatchOrder +server +orders:1$`,
		`(?m)^GET +/v1/products +shop.catalog.v1.CatalogService.ListProducts +- +-$`,
	} {
		if !regexp.MustCompile(want).MatchString(stdout) {
			t.Errorf("nothing like %s in\n%s", want, stdout)
		}
	}
	status, stdout, _ = run(t, "routes", "--proto", "../../proto/shop", "--json")
	var routes []struct{ Method, Template, RPC, Position string }
	if err := json.Unmarshal([]byte(stdout), &routes); status != 0 || err != nil || len(routes) < 30 || routes[0].Position == "" {
		t.Errorf("status %d, %v, %d routes", status, err, len(routes))
	}
}

func TestVersionIsOneLine(t *testing.T) {
	t.Parallel()
	if status, stdout, _ := run(t, "version"); status != 0 || !regexp.MustCompile(`^gatehouse \S+ go1\S+ \S+/\S+\n$`).MatchString(stdout) {
		t.Errorf("status %d, %q", status, stdout)
	}
}

func TestMistakesOnTheCommandLineNameTheRemedy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"serve"}, 1, "try --demo"},
		{[]string{"serv"}, 2, `did you mean "serve"`},
		{[]string{"serve", "--preset", "envoy"}, 2, "gatehouse"},
		{[]string{"serve", "--config", "nowhere.yaml"}, 2, "nowhere.yaml"},
		{[]string{"check", "nowhere"}, 1, "nowhere"},
		{[]string{"serve", "--upstream", "a:1", "--upstream", "b:1"}, 1, "upstreams[1]"},
		{[]string{"serve", "--demo", "--listen", "127.0.0.1:99999"}, 1, "listeners[0].address"},
		{[]string{"serve", "--demo", "--demo-error-rate", "2"}, 2, "from 0 to 1"},
		{[]string{"serve", "--demo", "--demo-latency=-1s"}, 2, "below zero"},
		{[]string{"serve", "--upstream", "a:1", "--demo-latency", "1s"}, 2, "add --demo"},
		{[]string{"serve", "--upstream", "127.0.0.1:1"}, 1, "is a gRPC server running there"},
		{[]string{"routes", "--proto", "testdata/bad"}, 1, "testdata/bad/bad.proto:9:5: "},
	} {
		if status, _, stderr := run(t, c.args...); status != c.status || !strings.HasPrefix(stderr, "gatehouse: ") && c.args[0] != "check" || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: status %d\n%s", c.args, status, stderr)
		}
	}
}

const (
	page   = "../../docs/command.md"
	marker = "<!-- The rest is what --help prints: go test ./internal/cli -update -->\n"
)

// TestTheCommandPageIsTheHelp keeps docs/command.md true.
func TestTheCommandPageIsTheHelp(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	written, rest, found := strings.Cut(string(text), marker)
	if !found {
		t.Fatalf("%s has no line %s", page, marker)
	}
	var want strings.Builder
	for _, command := range []string{"", "serve", "check", "routes", "openapi", "version"} {
		_, help, _ := run(t, append(strings.Fields(command), "--help")...)
		fmt.Fprintf(&want, "\n## %s\n\n```text\n%s```\n", strings.TrimSpace("gatehouse "+command), help)
	}
	if *update {
		if err := os.WriteFile(page, []byte(written+marker+want.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if rest != want.String() {
		t.Errorf("%s is not what --help says; write it with: go test ./internal/cli -update", page)
	}
}

// output is what a running command has written so far.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// waitFor returns what the first group of the pattern matches once it does.
func (o *output) waitFor(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for range 500 {
		if m := re.FindStringSubmatch(o.String()); m != nil {
			return m[1]
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("nothing like %s in\n%s", pattern, o.String())
	return ""
}

// start runs `gatehouse serve` until the test ends or stop is called, which returns its exit status.
func start(t *testing.T, args ...string) (out *output, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log := new(output)
	done := make(chan int, 1)
	go func() { done <- cli.Run(ctx, append([]string{"serve", "--admin", "127.0.0.1:0"}, args...), log, log) }()
	stop = sync.OnceValue(func() int {
		cancel()
		select {
		case status := <-done:
			return status
		case <-time.After(30 * time.Second):
			return -1
		}
	})
	t.Cleanup(func() { stop() })
	return log, stop
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestTheDemoServesTheShop(t *testing.T) {
	t.Parallel()
	out, stop := start(t, "--demo", "--demo-login", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0")
	url, admin := out.waitFor(t, `http +(http://\S+)`), out.waitFor(t, `admin +(http://\S+)`)
	if status, body := get(t, out.waitFor(t, `curl (http://\S+)`)); status != 200 || !strings.Contains(body, `"name":"Copper Saucepan"`) {
		t.Errorf("the call to try: %d %s", status, body)
	}
	out.waitFor(t, `https +(https://\S+)`)
	if status, body := get(t, url+"/v1/products?pageSize=1"); status != 200 || !strings.Contains(body, `"totalSize":300`) {
		t.Errorf("%d %s", status, body)
	}
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ok\n", "/metrics": `route="/v1/products",rpc="shop.catalog.v1.CatalogService.ListProducts",status="200"} 1`, "/routes": `"/v1/orders/{id}:watch"`} {
		if status, body := get(t, admin+path); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status := stop(); status != 0 {
		t.Errorf("exit status %d\n%s", status, out)
	}
}

func TestAnUpstreamAloneIsServedByReflection(t *testing.T) {
	t.Parallel()
	running, err := shop.Start(t.Context(), shop.Config{Services: []string{"promotions"}})
	if err != nil {
		t.Fatal(err)
	}
	defer running.Stop()
	out, _ := start(t, "--listen", "127.0.0.1:0", "--upstream", running.Targets()[shop.FullName("promotions")])
	url := out.waitFor(t, `http +(http://\S+)`)
	if status, body := get(t, url+"/v1/promotions"); status != 200 || !strings.Contains(body, `"promotions":[{`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestASecondEdgeOnTheSameAddressSaysWhatToDo(t *testing.T) {
	t.Parallel()
	out, _ := start(t, "--demo", "--demo-login", "127.0.0.1:0", "--listen", "127.0.0.1:0")
	url := out.waitFor(t, `http +http://(\S+)`)
	status, _, stderr := run(t, "serve", "--demo", "--demo-login", "127.0.0.1:0", "--listen", url, "--admin", "off")
	if status != 1 || !strings.Contains(stderr, "address already in use") || !strings.Contains(stderr, "--listen") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

func TestAConfigurationFileIsServed(t *testing.T) {
	t.Parallel()
	running, err := shop.Start(t.Context(), shop.Config{Services: []string{"profile"}})
	if err != nil {
		t.Fatal(err)
	}
	defer running.Stop()
	path := filepath.Join(t.TempDir(), "gatehouse.yaml")
	text := fmt.Sprintf("listeners: [{address: '127.0.0.1:0'}]\nupstreams: [{target: '%s'}]\nvisibility_labels: [INTERNAL]\nauthentication: {off: true}\ndialect: {emit: EMIT_PRESENT, proto_names: true}\n",
		running.Targets()[shop.FullName("profile")])
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := start(t, "--config", path)
	url := out.waitFor(t, `http +(http://\S+)`)
	if status, body := get(t, url+"/v1/profiles/c-1001"); status != 200 || !strings.Contains(body, `"password_hash":"`) {
		t.Errorf("%d %s", status, body)
	}
}
