package config

import (
	"path/filepath"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

// resolve makes the paths of a configuration relative to a folder.
func resolve(cfg *configv1.Config, folder string) {
	r := resolver{folder}
	for i := range cfg.GetServiceConfigs() {
		r.within(&cfg.ServiceConfigs[i])
	}
	for _, s := range cfg.GetSources() {
		r.source(s)
	}
	for _, l := range cfg.GetListeners() {
		r.tls(l.GetTls())
	}
	for _, u := range cfg.GetUpstreams() {
		r.upstreamTLS(u.GetTls())
	}
	r.authentication(cfg.GetAuthentication())
	r.redis(cfg.GetRateLimiting().GetRedis())
	if log := cfg.GetAccessLog(); log != nil {
		r.within(&log.File)
	}
	r.upstreamTLS(cfg.GetTracing().GetTls())
}

type resolver struct{ folder string }

func (r resolver) within(paths ...*string) {
	for _, path := range paths {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(r.folder, *path)
		}
	}
}

func (r resolver) source(s *configv1.Source) {
	switch origin := s.GetOrigin().(type) {
	case *configv1.Source_Image:
		r.within(&origin.Image)
	case *configv1.Source_Protos:
		r.within(&origin.Protos)
	case *configv1.Source_Reflection: // a target, not a path
	}
}

func (r resolver) tls(t *configv1.Tls) {
	if t == nil {
		return
	}
	r.within(&t.Certificate, &t.Key, &t.Folder)
	for _, c := range t.GetCertificates() {
		r.within(&c.Certificate, &c.Key)
	}
	if acme := t.GetAcme(); acme != nil {
		r.within(&acme.Folder, &acme.Authorities)
	}
	if clients := t.GetClients(); clients != nil {
		r.within(&clients.Authorities)
	}
}

func (r resolver) upstreamTLS(t *configv1.UpstreamTls) {
	if t != nil {
		r.within(&t.Authorities, &t.Certificate, &t.Key)
	}
}

func (r resolver) authentication(a *configv1.Authentication) {
	for _, issuer := range a.GetIssuers() {
		r.within(&issuer.JwksFile, &issuer.Authorities)
	}
	if keys := a.GetApiKeys(); keys != nil {
		r.within(&keys.File)
		r.redis(keys.GetRedis().GetServer())
	}
	r.upstreamTLS(a.GetExternal().GetTls())
	if token := a.GetInternalToken(); token != nil {
		r.within(&token.Key)
	}
}

func (r resolver) redis(server *configv1.Redis) {
	if server == nil {
		return
	}
	r.within(&server.PasswordFile)
	if tls := server.GetTls(); tls != nil {
		r.within(&tls.Authorities, &tls.Certificate, &tls.Key)
	}
}
