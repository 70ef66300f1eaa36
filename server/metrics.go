package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// meters count requests by route template and RPC, never by raw path. Requests without a route are one series.
type meters struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	broken    *prometheus.CounterVec
	parts     *prometheus.HistogramVec
	unmatched *meter
}

// meter counts the requests of one operation. The counter of the usual status is looked up once.
type meter struct {
	ok        prometheus.Counter
	requests  *prometheus.CounterVec // by status
	durations prometheus.Observer
	broken    prometheus.Counter
}

func newMeters() *meters {
	labels := []string{"method", "route", "rpc"}
	m := &meters{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_requests_total", Help: "Requests answered, by HTTP status.",
		}, append(labels, "status")),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gatehouse_request_seconds", Help: "From a request's headers to the end of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, labels),
		broken: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_answers_broken_total", Help: "Answers that failed after they had begun.",
		}, labels),
	}
	m.parts = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "gatehouse_part_seconds", Help: "Parts of composed answers, by what became of them.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"rpc", "part", "code"})
	m.registry.MustRegister(m.requests, m.durations, m.broken, m.parts, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.unmatched = m.of("", "", "")
	return m
}

func (m *meters) of(method, template, rpc string) *meter {
	labels := prometheus.Labels{"method": method, "route": template, "rpc": rpc}
	requests := m.requests.MustCurryWith(labels)
	return &meter{
		ok:       requests.WithLabelValues(strconv.Itoa(http.StatusOK)),
		requests: requests, durations: m.durations.With(labels), broken: m.broken.With(labels),
	}
}

// count counts one answered request. op is nil if there was no route.
func (m *meters) count(op *operation, status int, took time.Duration) {
	meter := m.unmatched
	if op != nil {
		meter = op.meter
	}
	if status == http.StatusOK {
		meter.ok.Inc()
	} else {
		meter.requests.WithLabelValues(strconv.Itoa(status)).Inc()
	}
	meter.durations.Observe(took.Seconds())
}
