package corpus

import (
	"errors"
	"net"
	"net/http"
	"time"
)

// Gateway makes a gateway that is told the settings of a case, and the function that ends it. The handler is nil if it
// can not be told them.
type Gateway func(settings string) (h http.Handler, stop func() error, err error)

// Fronts serves gateways of this process on loopback, one for each settings. It is for one goroutine.
type Fronts struct {
	gateway Gateway
	urls    map[string]string
	stops   []func() error
}

// NewFronts returns fronts that are made when they are asked for.
func NewFronts(g Gateway) *Fronts { return &Fronts{gateway: g, urls: map[string]string{}} }

// Front is a [Front].
func (f *Fronts) Front(settings string) (url string, err error) {
	if url, ok := f.urls[settings]; ok {
		return url, nil
	}
	h, stop, err := f.gateway(settings)
	if err != nil {
		return "", err
	}
	if h != nil {
		f.stops = append(f.stops, stop)
		if url, err = f.serve(h); err != nil {
			return "", err
		}
	}
	f.urls[settings] = url
	return url, nil
}

// serve takes calls over HTTP/1.1 and HTTP/2.
func (f *Fronts) serve(h http.Handler) (url string, err error) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, Protocols: new(http.Protocols)}
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	go s.Serve(lis) //nolint:errcheck // it ends when it is closed
	f.stops = append(f.stops, s.Close)
	return "http://" + lis.Addr().String(), nil
}

// Close ends all gateways, those that were made last first.
func (f *Fronts) Close() error {
	var errs []error
	for i := len(f.stops) - 1; i >= 0; i-- {
		errs = append(errs, f.stops[i]())
	}
	return errors.Join(errs...)
}
