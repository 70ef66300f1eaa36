package corpus

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
)

// form is how the body of a response is compared.
type form string

const (
	formJSON     form = "json"
	formLines    form = "lines"
	formEvents   form = "events"
	formText     form = "text"
	formProtobuf form = "protobuf"
	formEmpty    form = "empty"
	formAborted  form = "aborted"
	formLeft     form = "left"
	formAny      form = "any"
)

var forms = []form{
	formJSON, formLines, formEvents, formText, formProtobuf, formEmpty, formAborted, formLeft, formAny,
}

// response is what the client must get.
type response struct {
	status  int
	form    form
	header  []wanted
	text    string
	values  []any         // of the forms that hold JSON
	message proto.Message // of protobuf
}

func parseResponse(p part) (response, error) {
	first := p.lines[0]
	words := strings.Split(first.text, " ")
	var r response
	var err error
	if r.status, err = strconv.Atoi(words[0]); err != nil || len(words) < 2 {
		return r, p.errorAt(first, "expected a status and the form of the body, found %q", first.text)
	}
	r.form = form(words[1])
	if !slices.Contains(forms, r.form) || (r.form == formProtobuf) != (len(words) == 3) {
		return r, p.errorAt(first, "%q is no form of a body", strings.Join(words[1:], " "))
	}
	head, body := headAndBody(p.lines[1:])
	for _, l := range head {
		if r.header, err = p.want(r.header, l); err != nil {
			return r, err
		}
	}
	r.text = strings.Join(texts(body), "\n")
	if r.form == formProtobuf {
		r.message, err = p.message(first, words[2], r.text)
		return r, err
	}
	if r.values, err = r.form.read(r.text); err != nil {
		return r, p.errorAt(first, "the body: %v", err)
	}
	return r, nil
}

// read reads the JSON values of a body in a form that has some.
func (f form) read(text string) ([]any, error) {
	switch f {
	case formJSON, formLeft:
		v, err := readJSON(text)
		return []any{v}, err
	case formLines:
		return lineValues(text)
	case formEvents:
		return eventValues(text), nil
	default:
		return nil, nil
	}
}

// answer is what the client got.
type answer struct {
	status int
	header http.Header
	body   string
	broken bool // the transfer broke off
}

// take reads the response as far as its form wants it read.
func (r *response) take(res *http.Response) (answer, error) {
	a := answer{status: res.StatusCode, header: res.Header}
	if r.form == formLeft {
		text, err := bufio.NewReader(res.Body).ReadString('\n')
		a.body = text
		return a, err
	}
	const most = 64 << 20
	body, err := io.ReadAll(io.LimitReader(res.Body, most))
	a.broken = err != nil
	if res.Header.Get("Content-Encoding") == "gzip" && len(body) > 0 {
		unzip, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return a, err
		}
		if body, err = io.ReadAll(io.LimitReader(unzip, most)); err != nil {
			return a, err
		}
	}
	a.body = string(body)
	return a, nil
}

// compare returns what is wrong with the answer.
func (r *response) compare(got answer) []string {
	var differences []string
	if got.status != r.status {
		differences = append(differences, fmt.Sprintf("status: got %d, want %d", got.status, r.status))
	}
	for _, w := range r.header {
		differences = append(differences, w.compare("header", got.header.Values(w.name))...)
	}
	if got.broken != (r.form == formAborted) && r.form != formAny {
		differences = append(differences, fmt.Sprintf("transfer: broken off is %t, want %t", got.broken, !got.broken))
	}
	return append(differences, r.compareBody(got.body)...)
}

func (r *response) compareBody(got string) []string {
	switch r.form {
	case formAny:
		return nil
	case formProtobuf:
		return r.compareMessage(got)
	case formText, formAborted, formEmpty:
		if matchText(r.text, got) {
			return nil
		}
		return []string{fmt.Sprintf("body: got %q, want %q", shorten(got), shorten(r.text))}
	default:
		return r.compareValues(got)
	}
}

func (r *response) compareMessage(got string) []string {
	m := r.message.ProtoReflect().New().Interface()
	if err := proto.Unmarshal([]byte(got), m); err != nil {
		return []string{fmt.Sprintf("body: got %q, which is no %s", shorten(got), m.ProtoReflect().Descriptor().FullName())}
	}
	if !proto.Equal(m, r.message) {
		return []string{fmt.Sprintf("body: got %s, want %s", inJSON(m), inJSON(r.message))}
	}
	return nil
}

func (r *response) compareValues(got string) []string {
	values, err := r.form.read(got)
	switch {
	case err != nil:
		return []string{fmt.Sprintf("body: got %q, which is not of the form %s", shorten(got), r.form)}
	case r.form == formJSON || r.form == formLeft:
		return matchJSON("$", r.values[0], values[0])
	case len(values) != len(r.values):
		return []string{fmt.Sprintf("body: got %d %s, want %d: %q", len(values), r.form, len(r.values), shorten(got))}
	}
	var differences []string
	for i, want := range r.values {
		differences = append(differences, matchJSON(fmt.Sprintf("%s[%d]", r.form, i), want, values[i])...)
	}
	return differences
}
