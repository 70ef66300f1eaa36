// Package page makes page tokens: where a page ended, and what was asked for.
//
// A token is the key of the last element of its page, so that what is added or removed meanwhile neither repeats nor
// skips any other element. It carries a digest of the question; with another question it is refused.
package page

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"hash/fnv"

	"google.golang.org/protobuf/proto"

	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
)

// Request is what all requests for a page have in common.
type Request interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// DefaultSize is how many elements a page has if the request does not say.
const DefaultSize = 20

// Size returns how many elements the page shall have at most.
func Size(r Request) int {
	if n := r.GetPageSize(); n > 0 {
		return int(n)
	}
	return DefaultSize
}

type token[K any] struct {
	Question uint64 `json:"q"`
	Last     K      `json:"k"`
}

// Encode returns the token of the page that begins after the element with this key.
func Encode[K any](r Request, last K) (string, error) {
	text, err := json.Marshal(token[K]{question(r), last})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(text), nil
}

// Decode returns the key after which the page begins; false for the first page. A token that was not made by Encode for
// the same question is an INVALID_ARGUMENT that names page_token.
func Decode[K any](r Request) (last K, ok bool, err error) {
	if r.GetPageToken() == "" {
		return last, false, nil
	}
	var t token[K]
	text, err := base64.RawURLEncoding.DecodeString(r.GetPageToken())
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err == nil && t.Question != question(r) {
		err = errors.New("another question")
	}
	if err != nil {
		return last, false, problem.InvalidArgument(problem.Violation{
			Field:       "page_token",
			Description: "not a token of this list: send next_page_token as it came, with all other parameters unchanged",
		})
	}
	return t.Last, true, nil
}

// question is a digest of everything in r except the page's place and size.
func question(r Request) uint64 {
	asked := proto.Clone(r)
	for _, name := range []string{"page_token", "page_size"} {
		if fd := asked.ProtoReflect().Descriptor().Fields().ByTextName(name); fd != nil {
			asked.ProtoReflect().Clear(fd)
		}
	}
	// The fields are cloned from a decoded request, so this can not fail; if it did, both sides would see the same digest.
	wire, _ := proto.MarshalOptions{Deterministic: true}.Marshal(asked)
	h := fnv.New64a()
	h.Write(wire)
	return h.Sum64()
}
