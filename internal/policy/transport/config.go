package transport

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

type report = func(key, format string, args ...any)

// Problems reports all that is wrong with how a listener is secured, its keys tls, redirect and hsts, each problem with its
// key below the listener.
func Problems(l *configv1.Listener, report func(key, format string, args ...any)) {
	if l.GetTls() != nil {
		tlsProblems(l.GetTls(), below("tls", report))
	}
	if l.GetHsts() != nil {
		hstsProblems(l.GetHsts(), below("hsts", report))
		if l.GetTls() == nil {
			report("hsts", "is for a listener with tls: browsers do not believe it over HTTP")
		}
	}
	if port := l.GetRedirect(); port > 65535 {
		report("redirect", "%d is no port, such as 443", port)
	}
	if l.GetRedirect() != 0 && l.GetTls() != nil {
		report("redirect", "is for a listener without tls: it sends those who come by HTTP to HTTPS")
	}
}

func below(key string, report report) report {
	return func(k, format string, args ...any) { report(key+"."+k, format, args...) }
}

func tlsProblems(t *configv1.Tls, report report) {
	given := t.GetCertificate() != "" || t.GetKey() != "" || len(t.GetCertificates()) > 0
	switch {
	case t.GetSelfSigned() && given:
		report("self_signed", "makes a certificate; leave it out, or certificate, key and certificates")
	case t.GetSelfSigned() && t.GetAcme() != nil:
		report("self_signed", "makes a certificate; leave it out, or acme")
	case !t.GetSelfSigned() && !given && t.GetAcme() == nil:
		report("certificate", "is missing; give certificate and key, acme, or self_signed for development")
	}
	if !t.GetSelfSigned() && t.GetFolder() != "" {
		report("folder", "is where a self_signed certificate is kept; without one it means nothing (acme has a folder of its own)")
	}
	pairProblems(t.GetCertificate(), t.GetKey(), report)
	for i, c := range t.GetCertificates() {
		entry := below(fmt.Sprintf("certificates[%d]", i), report)
		if c.GetCertificate() == "" && c.GetKey() == "" {
			entry("certificate", "is missing, and so is key")
		}
		pairProblems(c.GetCertificate(), c.GetKey(), entry)
	}
	if t.GetAcme() != nil {
		acmeProblems(t.GetAcme(), below("acme", report))
	}
	if t.GetClients() != nil && t.GetClients().GetAuthorities() == "" {
		report("clients.authorities", "is missing; give a PEM file with the authorities that vouch for clients")
	}
	if _, known := configv1.Tls_Version_name[int32(t.GetMinimum())]; !known {
		report("minimum", "%d is no version; give VERSION_TLS12 or VERSION_TLS13", t.GetMinimum())
	}
}

func pairProblems(certificate, key string, report report) {
	switch {
	case certificate == "" && key != "":
		report("certificate", "is missing; a key needs the certificate that it is for")
	case certificate != "" && key == "":
		report("key", "is missing; a certificate needs its private key")
	}
}

func acmeProblems(a *configv1.Acme, report report) {
	if len(a.GetHosts()) == 0 {
		report("hosts", "is missing; give the names that certificates are for, such as api.example.com")
	}
	first := map[string]int{}
	for i, host := range a.GetHosts() {
		key := fmt.Sprintf("hosts[%d]", i)
		if why := notCertifiable(host); why != "" {
			report(key, "%q %s", host, why)
		}
		name := strings.ToLower(host)
		if j, taken := first[name]; taken {
			report(key, "%s is hosts[%d] already", host, j)
			continue
		}
		first[name] = i
	}
	if a.GetFolder() == "" {
		report("folder", "is missing; without it, certificates would be ordered anew at each start, which authorities soon refuse")
	}
	if u, err := url.Parse(a.GetDirectory()); a.GetDirectory() != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		report("directory", "%q is no https URL, such as %s", a.GetDirectory(), letsEncrypt)
	}
	if email := a.GetEmail(); email != "" && (!strings.Contains(email, "@") || strings.ContainsAny(email, " ,:?<>")) {
		report("email", "%q is no address, such as operations@example.com", email)
	}
	if !a.GetAcceptTerms() {
		report("accept_terms", "is not true; an authority issues certificates to those who accept its terms of service only")
	}
}

// notCertifiable says why no certificate can be had for a host by ACME's challenges over HTTP and TLS.
func notCertifiable(host string) string {
	_, err := netip.ParseAddr(host)
	switch {
	case strings.HasPrefix(host, "*."):
		return "can not be had: for all names of a domain, authorities ask for a challenge in its DNS; list the names"
	case err == nil:
		return "is an address; give a host name, such as api.example.com"
	case len(host) >= longestHost || !hostName.MatchString(host) || strings.Contains(host, "_") || strings.HasSuffix(host, "."):
		return "is no host name, such as api.example.com (other letters than a to z are written in Punycode: xn--...)"
	case !strings.Contains(host, "."):
		return "is no name of a public host, such as api.example.com"
	}
	return ""
}

func hstsProblems(h *configv1.Hsts, report report) {
	switch age := maxAge(h); {
	case age < 0 || age%time.Second != 0:
		report("max_age", "%v is no number of whole seconds", age)
	case h.GetPreload() && age < year:
		report("max_age", "%v is less than the year that the lists of preload ask for: 31536000s", age)
	}
	if h.GetPreload() && !h.GetIncludeSubdomains() {
		report("preload", "needs include_subdomains: the lists take whole domains only")
	}
}

// UpstreamProblems reports all that is wrong with how an upstream is known, each problem with its key below tls.
func UpstreamProblems(t *configv1.UpstreamTls, report func(key, format string, args ...any)) {
	pairProblems(t.GetCertificate(), t.GetKey(), report)
	if name := t.GetServerName(); name != "" {
		if _, err := netip.ParseAddr(name); err != nil && (len(name) > longestHost || !hostName.MatchString(name)) {
			report("server_name", "%q is no host name, such as orders.example.com, and no address; it has no port", name)
		}
	}
}
