package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
	"google.golang.org/grpc/codes"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/route"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/stream"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// isUpgrade tells whether the client wants to speak WebSocket.
func isUpgrade(r *http.Request) bool {
	return r.Header["Upgrade"] != nil && r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// matchSocket finds the operation that a WebSocket on this path reaches: the streaming one, whatever its verb.
func (c *call) matchSocket(path string) bool {
	for _, method := range append([]string{http.MethodGet}, c.table.routes.Allow(path)...) {
		m, outcome := c.table.routes.Match(method, path, c.vars[:0])
		if outcome == route.Found && m.Route.Value.kind != unary {
			c.take(m.Route.Value, m.Values)
			c.form = formSocket
			return true
		}
	}
	return false
}

// socketProtocol is the sub-protocol that the edge speaks; bearerProtocol begins the one by which a browser, which can
// set no headers on a WebSocket, sends its token.
const (
	socketProtocol = "gatehouse"
	bearerProtocol = "bearer."
)

// takeToken makes an Authorization header of a token among the sub-protocols.
func takeToken(r *http.Request) {
	if r.Header["Authorization"] != nil {
		return
	}
	for offer := range strings.SplitSeq(strings.Join(r.Header["Sec-Websocket-Protocol"], ","), ",") {
		if token, ok := strings.CutPrefix(strings.TrimSpace(offer), bearerProtocol); ok && token != "" {
			r.Header["Authorization"] = []string{"Bearer " + token}
			return
		}
	}
}

// checkOrigin refuses pages of other origins than the edge's own and those that the configuration names. What is no
// browser sends none.
func (c *call) checkOrigin() error {
	origin := c.r.Header.Get("Origin")
	allowed := c.table.streams.origins
	if origin == "" || slices.Contains(allowed, "*") || slices.ContainsFunc(allowed, func(o string) bool { return strings.EqualFold(o, origin) }) {
		return nil
	}
	if c.entrance.ofHost(c.r).cors.AllowsOrigin(origin) {
		return nil
	}
	if u, err := url.Parse(origin); err == nil && strings.EqualFold(u.Host, c.r.Host) {
		return nil
	}
	return fault.New(fault.OriginRefused, "pages of this origin may not open WebSockets here")
}

// socket is the client's end of a WebSocket.
type socket struct {
	*call
	conn  *websocket.Conn
	ctx   context.Context
	count int
}

// callSocket speaks WebSocket: every text frame is a message, in both directions. An empty one from the client ends its
// side. Methods of google.api.HttpBody take and give binary frames.
func (c *call) callSocket(ctx context.Context) error {
	if err := c.checkOrigin(); err != nil {
		return err // 403
	}
	messages, err := c.open(ctx, upstream.Directions{
		Client: c.op.kind != serverStream, Server: c.op.kind != clientStream,
	})
	if err != nil {
		return err
	}
	defer c.close(messages)
	conn, err := c.upgrade()
	if err != nil {
		return err
	}
	c.status = http.StatusSwitchingProtocols
	c.edge.sockets.Add(1)
	defer c.edge.sockets.Done()
	stay := context.AfterFunc(c.edge.stopping, func() {
		conn.Close(websocket.StatusGoingAway, "the edge is going away") //nolint:errcheck // the client may be gone already
	})
	defer stay()
	defer conn.CloseNow() //nolint:errcheck // nothing is to be done about it

	s := &socket{call: c, conn: conn, ctx: messages.ctx}
	conn.SetReadLimit(int64(c.table.limits.streamMessage))
	go s.read(messages)
	go s.keepAlive(messages)
	return s.finish(c.passTo(s, messages))
}

// upgrade answers the handshake. A failure is a fault like any other: what the library would write is dropped.
func (c *call) upgrade() (*websocket.Conn, error) {
	h := &handshake{ResponseWriter: c.w}
	conn, err := websocket.Accept(h, c.r, &websocket.AcceptOptions{
		Subprotocols: []string{socketProtocol}, InsecureSkipVerify: true, // checkOrigin has
	})
	if err != nil {
		for _, name := range []string{"Upgrade", "Connection", "Sec-Websocket-Accept", "Sec-Websocket-Protocol"} {
			c.w.Header().Del(name)
		}
		return nil, fault.New(fault.BadRequest, "the WebSocket handshake is malformed, or the connection can not be upgraded").Because(err)
	}
	return conn, nil
}

// handshake lets only the switch to WebSocket through.
type handshake struct{ http.ResponseWriter }

func (h *handshake) WriteHeader(status int) {
	if status == http.StatusSwitchingProtocols {
		h.ResponseWriter.WriteHeader(status)
	}
}

func (h *handshake) Write(b []byte) (int, error) { return len(b), nil }

func (h *handshake) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// read sends up what the client sends, and ends the call when the client is gone.
func (s *socket) read(messages *openStream) {
	if err := s.sendAll(messages, s); err != nil {
		messages.cancel(err)
		return
	}
	for {
		if _, _, err := s.conn.Read(s.ctx); err != nil { // nothing more is expected but the end
			messages.cancel(clientGone(err))
			return
		}
	}
}

// keepAlive finds out that a silent client is gone.
func (s *socket) keepAlive(messages *openStream) {
	tick := time.NewTicker(s.table.streams.heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(s.ctx, s.table.streams.heartbeat)
		err := s.conn.Ping(ctx)
		cancel()
		if err != nil {
			messages.cancel(clientGone(err))
			return
		}
	}
}

func clientGone(cause error) error {
	return fault.New(fault.ClientGone, "the client left before the answer").Because(cause)
}

// next implements upload. A server stream has one message, which is all in the URL where its binding takes no body.
func (s *socket) next(dst []byte) ([]byte, error) {
	single := s.op.kind == serverStream
	if single && s.count > 0 {
		return dst, io.EOF
	}
	if single && s.op.binding.Body == schema.NoBody {
		s.count++
		dst, err := s.op.request.AppendWire(dst, nil, s.r.URL.RawQuery, s.vars)
		if err != nil {
			return dst, badRequest(err)
		}
		return s.appendImplied(dst), nil
	}
	kind, frame, err := s.conn.Read(s.ctx)
	switch {
	case websocket.CloseStatus(err) == websocket.StatusMessageTooBig || errors.Is(err, websocket.ErrMessageTooBig):
		return dst, tooLarge(int64(s.table.limits.streamMessage))
	case err != nil:
		return dst, clientGone(err)
	case kind == websocket.MessageText && len(frame) == 0:
		return dst, io.EOF
	}
	first := s.count == 0
	s.count++
	if s.op.rawBody {
		return s.parameters(s.op.rawInto.Append(dst, "", frame), &first)
	}
	if kind == websocket.MessageBinary {
		return dst, inMessage(s.count-1, fault.Field("$", "expected a text frame that holds JSON"))
	}
	dst, err = s.op.request.AppendMessage(dst, frame, first, s.r.URL.RawQuery, s.vars)
	return dst, inMessage(s.count-1, badRequest(err))
}

// Close implements [stream.Writer].
func (s *socket) Close() {}

var _ stream.Writer = (*socket)(nil)

// Started implements [stream.Writer]: an error is for finish to tell.
func (s *socket) Started() bool { return false }

// Start implements [stream.Writer].
func (s *socket) Start() error { return nil }

// Head implements [stream.Writer].
func (s *socket) Head() error { return nil }

// Send implements [stream.Writer].
func (s *socket) Send(message []byte, _ stream.Event) error {
	kind := websocket.MessageText
	if s.op.rawReply {
		kind = websocket.MessageBinary
	}
	return s.conn.Write(s.ctx, kind, message)
}

// Error implements [stream.Writer].
func (s *socket) Error(status []byte) error {
	frame := slices.Concat([]byte(`{"error":`), status, []byte("}"))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), closeTimeout)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, frame)
}

// End implements [stream.Writer].
func (s *socket) End() error { return s.conn.Close(websocket.StatusNormalClosure, "") }

// closeTimeout is how long a client may take to hear that its call has failed.
const closeTimeout = 5 * time.Second

// firstCloseCode is the close code of gRPC's code 0; those of the others follow, in the range that is for applications.
const firstCloseCode = 4000

// finish tells the client how the call failed: in a last frame, and by the close code.
func (s *socket) finish(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*begunError](err); ok {
		return err
	}
	f := fault.From(err)
	code := codes.Code(f.Status.GetCode())
	switch {
	case f.Reason == fault.ClientGone:
		return begun(err)
	case f.Reason == fault.BodyTooLarge: // the library has said so already
		return begun(err)
	}
	const longest = 123 // bytes of a close frame's reason
	reason := f.Status.GetMessage()
	if len(reason) > longest {
		reason = strings.ToValidUTF8(reason[:longest], "")
	}
	told := s.Error(bytes.TrimSpace(f.JSON(s.id, s.streamErrorFormat())))
	return begun(err, told, s.conn.Close(websocket.StatusCode(firstCloseCode+int(code)), reason))
}
