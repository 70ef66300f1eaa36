package corpus

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// patience is how long a case may take, and farewell how long a call may go on whose client has left.
const (
	patience = 5 * time.Second
	farewell = 3 * time.Second
)

// Result is how one case went.
type Result struct {
	Case *Case
	// Skipped tells that the gateway can not be set as the case wants it.
	Skipped bool
	// Differences are what was not as it must be; none for a case that passed.
	Differences []string
}

// Passed tells that all was as it must be.
func (r *Result) Passed() bool { return !r.Skipped && len(r.Differences) == 0 }

// Front finds a gateway that was told the settings of a case. Its URL is "" if it can not be told them.
type Front func(settings string) (url string, err error)

// Run plays the cases one after the other against gateways in front of the backend. An error is a gateway that could not
// be started, or the end of the context.
func (b *Backend) Run(ctx context.Context, cases []*Case, front Front) ([]Result, error) {
	results := make([]Result, len(cases))
	for i, c := range cases {
		url, err := front(c.Settings)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		results[i] = Result{Case: c, Skipped: url == ""}
		if url != "" {
			results[i].Differences = b.RunCase(ctx, c, url)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// RunCase plays one case against the gateway at a URL and returns what is not as it must be. Several calls wait for each
// other.
func (b *Backend) RunCase(ctx context.Context, c *Case, url string) (differences []string) {
	b.turn.Lock()
	defer b.turn.Unlock()
	p := b.begin(c.upstream)
	defer b.set(nil)
	got, err := c.exchange(ctx, url)
	if err != nil {
		return append([]string{"no response: " + err.Error()}, p.compare()...)
	}
	differences = append(c.response.compare(got), p.compare()...)
	if c.response.form == formLeft && !p.endsSoon() {
		differences = append(differences, "upstream: its call goes on though the client has left")
	}
	return differences
}

func (p *play) endsSoon() bool {
	select {
	case <-p.ended:
		return true
	case <-time.After(farewell):
		return false
	}
}

// exchange sends the request over a connection of its own and takes the response.
func (c *Case) exchange(ctx context.Context, url string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := c.request.to(ctx, url)
	if err != nil {
		return answer{}, err
	}
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	return c.response.take(res)
}

// Wait returns when the gateway at a URL answers a call that reaches the backend, or with an error when it has not for
// as long as timeout. No case is to be played meanwhile.
func Wait(ctx context.Context, url string, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	last := errors.New("no answer yet")
	for {
		err := probe(ctx, url)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited %s for the gateway: %w", timeout, last)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func probe(ctx context.Context, url string) error {
	url += "/edgetest/v1/nothing"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, res.Status)
	}
	return nil
}
