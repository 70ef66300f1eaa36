package extauthz

import (
	"log/slog"
	"sync/atomic"
	"time"
)

// calm is for how long nothing may have failed before an outage is over, so that a service that answers now and then does
// not fill the log.
const calm = time.Second

// outage tells the log when questions begin to stay without a decision, and when that is over.
type outage struct {
	log  *slog.Logger
	now  func() time.Time
	last atomic.Int64 // when a question failed, in Unix nanoseconds; 0 while there is no outage
}

func (o *outage) failed(err error) {
	if o.last.Swap(o.now().UnixNano()) == 0 {
		o.log.Error("the external authorizer does not answer", "error", err)
	}
}

func (o *outage) answered() {
	last := o.last.Load()
	if last == 0 || o.now().Sub(time.Unix(0, last)) < calm {
		return
	}
	if o.last.CompareAndSwap(last, 0) {
		o.log.Info("the external authorizer answers again")
	}
}
