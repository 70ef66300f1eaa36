package server

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/policy/accesslog"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// log writes the line of the call, which has been answered.
func (c *call) log(start time.Time, took time.Duration) {
	if c.edge.access == nil {
		return
	}
	r := accesslog.Record{
		Time: start, Request: c.r, RequestID: c.id, TraceID: c.span.TraceID(), Client: c.client(),
		Audience: c.table.name, Principal: c.principal,
		Status: or(c.status, http.StatusOK), RequestBytes: c.received, ResponseBytes: c.out.bytes,
		Total: took, Upstream: c.asked, Queue: c.queued, Retries: c.retries, Parts: c.parts,
	}
	if c.op != nil {
		r.Template, r.RPC, r.Secret, r.SecretPath = c.op.template, c.op.rpc, c.op.secret, c.op.secretPath
	}
	if c.failed != nil {
		r.Code, r.Reason = codes.Code(c.failed.Status.GetCode()), string(c.failed.Reason)
	}
	c.edge.access.Write(&r)
}

// secrets are the fields of a request whose values are not to be logged: those that are marked debug_redact.
func secrets(md protoreflect.MessageDescriptor) []string {
	var names []string
	var look func(prefix string, md protoreflect.MessageDescriptor, within []protoreflect.FullName)
	look = func(prefix string, md protoreflect.MessageDescriptor, within []protoreflect.FullName) {
		if slices.Contains(within, md.FullName()) {
			return // a parameter can be nested without end, but its name is known by then
		}
		for i := range md.Fields().Len() {
			fd := md.Fields().Get(i)
			name := prefix + fd.TextName()
			switch {
			case schema.IsRedacted(fd):
				names = append(names, name)
			case fd.Message() != nil && !fd.IsMap():
				look(name+".", fd.Message(), append(slices.Clone(within), md.FullName()))
			}
		}
	}
	look("", md, nil)
	return names
}

// compileSecrets finds what of an operation's requests is not to be logged.
func (op *operation) compileSecrets() {
	names := secrets(op.binding.Method.Descriptor.Input())
	op.secret = accesslog.NewNames(names...)
	op.secretPath = slices.ContainsFunc(op.binding.Variables, func(path schema.FieldPath) bool {
		return slices.Contains(names, pathName(path))
	})
}

func pathName(path schema.FieldPath) string {
	names := make([]string, len(path))
	for i, fd := range path {
		names[i] = fd.TextName()
	}
	return strings.Join(names, ".")
}
