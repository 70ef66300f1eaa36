package cors

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

const (
	anyOrigin = "*"
	// nullOrigin is that of pages which hide theirs: in sandboxed frames, from files, after some redirects.
	nullOrigin = "null"

	maxHost = 253
	maxPort = 65_535
)

// defaultPorts are those that browsers leave out.
var defaultPorts = map[string]string{"http": "80", "https": "443"}

// wildcard is all hosts below one, https://*.example.com:8443 in its pieces.
type wildcard struct {
	prefix string // https://
	suffix string // .example.com:8443
}

// matches tells whether an origin is below, by one label or more. What the wildcard stands for is nothing but labels, so
// that no other part of a URL can be in it.
func (w wildcard) matches(origin string) bool {
	rest, ok := strings.CutPrefix(origin, w.prefix)
	if !ok {
		return false
	}
	labels, ok := strings.CutSuffix(rest, w.suffix)
	return ok && len(labels) <= maxHost && areLabels(labels)
}

// areLabels tells whether a text is labels as browsers write those of a host: in lower case, with a dot between two.
func areLabels(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || strings.ContainsFunc(label, notInLabel) {
			return false
		}
	}
	return true
}

func notInLabel(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
}

// checkOrigin returns what is wrong with an origin of a configuration. It has to stand there as browsers send it, since
// origins are compared as they are.
func checkOrigin(text string) error {
	if text == anyOrigin || text == nullOrigin {
		return nil
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || scheme == "" || rest == "" {
		return errors.New("is no origin, such as https://app.example.com or https://*.example.com")
	}
	host, below := strings.CutPrefix(rest, "*.")
	if strings.Contains(host, "*") {
		return errors.New(`may have one *, for whole labels at the front: https://*.example.com`)
	}
	u, err := url.Parse(scheme + "://" + host)
	if err != nil || u.Hostname() == "" {
		return errors.New("is no origin, such as https://app.example.com or https://*.example.com")
	}
	if right := serialized(u, below); right != text {
		return fmt.Errorf("is not how browsers write an origin; give %s", right)
	}
	return checkHost(u, below)
}

// serialized is the origin of a URL as browsers write it: in lower case, without a port that goes without saying, and with
// nothing after it.
func serialized(u *url.URL, below bool) string {
	scheme, host := strings.ToLower(u.Scheme), strings.TrimSuffix(strings.ToLower(u.Host), ":")
	if port := defaultPorts[scheme]; port != "" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && a.Is6() {
		host = strings.Replace(host, strings.ToLower(u.Hostname()), a.WithZone("").String(), 1)
	}
	if below {
		host = "*." + host
	}
	return scheme + "://" + host
}

func checkHost(u *url.URL, below bool) error {
	host := u.Hostname()
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > maxPort {
			return fmt.Errorf("has no port between 1 and %d", maxPort)
		}
	}
	_, err := netip.ParseAddr(host)
	switch {
	case err == nil && below:
		return errors.New("is below an address; only names have others below them")
	case err == nil:
		return nil
	case len(host) > maxHost || !areLabels(host):
		return errors.New("has a host that is no name; browsers write those of other scripts in ASCII, as xn--")
	case below && !strings.Contains(host, ".") && host != "localhost":
		return fmt.Errorf("is everybody below .%s; name the host whose pages are yours", host)
	default:
		return nil
	}
}
