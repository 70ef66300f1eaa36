// Package support is the sample shop's SupportService: an assistant who knows the catalogue and a script.
//
// support.go holds the conversation, script.go decides what is answered.
package support

import (
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	supportv1 "github.com/gatehouse-edge/gatehouse/gen/shop/support/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/seed"
)

// Server is a SupportService. All methods may be called concurrently.
type Server struct {
	supportv1.UnimplementedSupportServiceServer

	products []seed.Product
}

// New returns an assistant who knows the seeded catalogue.
func New() (*Server, error) {
	products, err := seed.Products()
	return &Server{products: products}, err
}

// Chat greets, answers each message, and ends after the customer has said good-bye or has hung up.
func (s *Server) Chat(stream grpc.BidiStreamingServer[supportv1.ChatRequest, supportv1.ChatResponse]) error {
	talk := &conversation{products: s.products, context: make(map[string]string)}
	if err := stream.Send(talk.stamp(greeting(), time.Now())); err != nil {
		return err
	}
	for {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		heard := time.Now()
		answer, err := talk.answer(req)
		if err != nil {
			return fmt.Errorf("answer: %w", err)
		}
		if answer == nil {
			continue
		}
		if err := stream.Send(talk.stamp(answer, heard)); err != nil || answer.GetClosed() {
			return err
		}
	}
}

// conversation is what the assistant remembers of one customer.
type conversation struct {
	products []seed.Product
	context  map[string]string
	answers  uint64
}

// stamp counts and dates an answer to what was heard at a time.
func (c *conversation) stamp(answer *supportv1.ChatResponse, heard time.Time) *supportv1.ChatResponse {
	c.answers++
	now := time.Now()
	answer.Sequence = c.answers
	answer.Time = timestamppb.New(now)
	answer.ThinkingTime = durationpb.New(now.Sub(heard))
	return answer
}
