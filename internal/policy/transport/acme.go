package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mholt/acmez/v3/acme"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	orderTimeout = 10 * time.Minute
	longestNap   = 6 * time.Hour // between two looks at whether a certificate is due
	firstPause   = time.Minute   // after an order that failed
	longestPause = time.Hour     // an authority locks out those who fail more than a few times an hour
)

// authority gets certificates for hosts, one for each, and renews them.
type authority struct {
	*reader
	cfg    *configv1.Acme
	folder folder
	hosts  []*host
	byTLS  bool // challenges may come by TLS
	byHTTP atomic.Bool

	ctx    context.Context
	stop   context.CancelFunc
	orders sync.WaitGroup
}

// host is a name with its certificate.
type host struct {
	name    string
	current atomic.Pointer[tls.Certificate]
}

func (h *host) Get() *tls.Certificate { return h.current.Load() }

func (*host) Close() {}

func (h *host) file() string { return h.name + ".pem" }

// newAuthority reads what the folder holds. Each directory has a folder of its own in it, so that certificates of a test's
// authority are never taken for those of the real one.
func newAuthority(cfg *configv1.Acme, r *reader) (*authority, error) {
	a := &authority{reader: r, cfg: cfg}
	var err error
	if a.folder, err = makeFolder(cfg.GetFolder(), folderOf(a.directory())); err != nil {
		return nil, fmt.Errorf("folder: %w", err)
	}
	if _, err := a.key(); err != nil {
		return nil, fmt.Errorf("folder: %w", err)
	}
	if _, err := a.roots(); err != nil {
		return nil, fmt.Errorf("authorities: %w", err)
	}
	for _, name := range cfg.GetHosts() {
		h := &host{name: strings.ToLower(name)}
		a.recall(h)
		a.hosts = append(a.hosts, h)
	}
	a.ctx, a.stop = context.WithCancel(context.Background())
	return a, nil
}

func (a *authority) directory() string {
	if d := a.cfg.GetDirectory(); d != "" {
		return d
	}
	return letsEncrypt
}

var notInFolder = regexp.MustCompile(`[^A-Za-z0-9.]+`)

func folderOf(directory string) string {
	u, err := url.Parse(directory)
	if err != nil {
		u = &url.URL{Path: directory}
	}
	return strings.Trim(notInFolder.ReplaceAllString(u.Host+u.Path, "-"), "-.")
}

func (a *authority) start() {
	for _, h := range a.hosts {
		a.orders.Go(func() { a.keep(h) })
	}
}

func (a *authority) close() {
	a.stop()
	a.orders.Wait()
}

// keep sees to it that a host has a certificate, until the authority is closed.
func (a *authority) keep(h *host) {
	for failures := 0; ; {
		if a.due(h.Get()) {
			err := a.renew(h)
			switch {
			case a.ctx.Err() != nil:
				return
			case err == nil:
				failures = 0
			default:
				failures++
				a.log.Error("no certificate was got; it will be tried again", "host", h.name, "after", pause(failures), "error", err)
			}
		}
		wait := pause(failures)
		if failures == 0 {
			wait = nap(h.Get().Leaf, a.now())
		}
		select {
		case <-a.ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// pause is how long to wait after so many orders that failed, one after the other.
func pause(failures int) time.Duration {
	wait := firstPause
	for range failures - 1 {
		wait = min(3*wait, longestPause)
	}
	return wait
}

// nap is how long to wait before looking at a certificate again.
func nap(c *x509.Certificate, now time.Time) time.Duration {
	lifetime := c.NotAfter.Sub(c.NotBefore)
	return max(min(longestNap, lifetime/10, renewal(c).Sub(now)), time.Second)
}

// renewal is when a certificate is renewed, if its authority has no wish of its own: when a third of its life is left.
func renewal(c *x509.Certificate) time.Time {
	return c.NotAfter.Add(-c.NotAfter.Sub(c.NotBefore) / 3)
}

// due tells whether a certificate is to be renewed, by its age or since its authority wants it (RFC 9773): it may be about
// to be revoked.
func (a *authority) due(c *tls.Certificate) bool {
	if c == nil || !a.now().Before(renewal(c.Leaf)) {
		return true
	}
	client, err := a.client()
	if err == nil {
		var info acme.RenewalInfo
		if info, err = client.GetRenewalInfo(a.ctx, c.Leaf); err == nil {
			return !a.now().Before(info.SelectedTime)
		}
	}
	if !errors.Is(err, acme.ErrUnsupported) && a.ctx.Err() == nil {
		a.log.Warn("the authority does not say when it wants a certificate renewed; it is by its age", "names", c.Leaf.DNSNames, "error", err)
	}
	return false
}

// renew gets a certificate, from the folder, if another edge has renewed it there, or from the authority.
func (a *authority) renew(h *host) error {
	old := h.Get()
	a.recall(h)
	if c := h.Get(); c != nil && c != old && a.now().Before(renewal(c.Leaf)) {
		return nil
	}
	ctx, cancel := context.WithTimeout(a.ctx, orderTimeout)
	defer cancel()
	content, err := a.order(ctx, h.name)
	if err != nil {
		return err
	}
	c, err := a.parse(content, h.name)
	if err != nil {
		return err
	}
	a.use(h, c)
	a.log.Info("got a certificate", "host", h.name, "end", c.Leaf.NotAfter)
	if err := a.folder.write(h.file(), content); err != nil {
		a.log.Error("a certificate can not be kept; it is ordered anew at the next start", "host", h.name, "error", err)
	}
	return nil
}

// recall takes what the folder holds for a host into use, if that is another certificate, and good.
func (a *authority) recall(h *host) {
	content, err := a.folder.read(h.file())
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	var c *tls.Certificate
	if err == nil {
		c, err = a.parse(content, h.name)
	}
	if err != nil {
		a.log.Warn("a certificate that was got earlier can not be used", "file", a.folder.path(h.file()), "error", err)
		return
	}
	if old := h.Get(); old == nil || !old.Leaf.Equal(c.Leaf) {
		a.use(h, c)
	}
}

func (a *authority) use(h *host, c *tls.Certificate) {
	h.current.Store(c)
	a.note(h.name, c)
}

// parse reads the key and the chain of a host.
func (a *authority) parse(content []byte, name string) (*tls.Certificate, error) {
	c, err := tls.X509KeyPair(content, content)
	if err != nil {
		return nil, err
	}
	if err := c.Leaf.VerifyHostname(name); err != nil {
		return nil, err
	}
	if a.now().After(c.Leaf.NotAfter) {
		return nil, fmt.Errorf("it has expired at %s", c.Leaf.NotAfter)
	}
	return &c, nil
}
