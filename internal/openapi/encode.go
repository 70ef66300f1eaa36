package openapi

import "reflect"

// JSON returns the document as JSON, indented by two spaces. The same document gives the same bytes.
func (d *Document) JSON() ([]byte, error) {
	out := &jsonSink{indent: true}
	if err := encode(out, d); err != nil {
		return nil, err
	}
	return append(out.text, '\n'), nil
}

// YAML returns the document as YAML, its keys in the order of [Document.JSON].
func (d *Document) YAML() ([]byte, error) {
	out := new(yamlSink)
	if err := encode(out, d); err != nil {
		return nil, err
	}
	return append(out.text, '\n'), nil
}

// MarshalJSON writes the document without any space.
func (d *Document) MarshalJSON() ([]byte, error) { return marshal(d) }

func (d *Document) write(w *walk) { w.object(reflect.ValueOf(d).Elem()) }

// marshal is json.Marshal for parts of documents, without the escapes that only HTML needs.
func marshal(v any) ([]byte, error) {
	out := new(jsonSink)
	err := encode(out, v)
	return out.text, err
}

// sink is a format that a document is written in, one token after the other.
type sink interface {
	begin(array bool) // of an object or array
	end()
	key(name string)
	string(s string)
	literal(s string) // a number, true, false or null
}
