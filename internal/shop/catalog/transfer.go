package catalog

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
)

const maxReportedFailures = 100

// ImportProducts adds products until the stream ends. One that is refused is counted and reported; the rest go on.
func (s *Server) ImportProducts(stream grpc.ClientStreamingServer[catalogv1.ImportProductsRequest, catalogv1.ImportProductsResponse]) error {
	out := &catalogv1.ImportProductsResponse{}
	for index := uint32(0); ; index++ {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(out)
		}
		if err != nil {
			return err
		}
		replaced, err := s.importOne(req)
		switch {
		case err != nil:
			out.FailedCount++
			if len(out.Failures) < maxReportedFailures {
				out.Failures = append(out.Failures,
					&catalogv1.ImportProductsResponse_Failure{Index: index, Status: status.Convert(err).Proto()})
			}
		case replaced:
			out.ReplacedCount++
		default:
			out.CreatedCount++
		}
	}
}

func (s *Server) importOne(req *catalogv1.ImportProductsRequest) (replaced bool, err error) {
	p, err := fresh(req.GetProduct())
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.byID[p.GetId()]; old != nil && req.GetReplace() {
		keep(p, old.full)
		s.put(p, old.pictures)
		return true, nil
	}
	return false, s.add(p)
}

// exportChunk is how many products one message of an export holds.
const exportChunk = 50

// ExportProducts sends the catalogue as CSV, some products in each message.
func (s *Server) ExportProducts(req *catalogv1.ExportProductsRequest, stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	found, err := s.matching(&catalogv1.ListProductsRequest{Category: req.GetCategory()})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	lines := [][]string{{"id", "sku", "name", "category", "status", "price", "currency", "stock", "rating", "tags"}}
	for {
		n := min(exportChunk, len(found))
		for _, e := range found[:n] {
			lines = append(lines, csvLine(e.basic))
		}
		if err := w.WriteAll(lines); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
		if err := stream.Send(&httpbody.HttpBody{ContentType: "text/csv; charset=utf-8", Data: bytes.Clone(b.Bytes())}); err != nil {
			return err
		}
		found, lines = found[n:], lines[:0]
		b.Reset()
		if len(found) == 0 {
			return nil
		}
	}
}

func csvLine(p *catalogv1.Product) []string {
	return []string{
		p.GetId(), p.GetSku(), p.GetName(), p.GetCategory(),
		strings.TrimPrefix(p.GetStatus().String(), "PRODUCT_STATUS_"),
		strconv.FormatFloat(amount(p.GetPrice()), 'f', 2, 64), p.GetPrice().GetCurrencyCode(),
		strconv.Itoa(int(p.GetStock())), strconv.FormatFloat(p.GetRating(), 'f', 1, 64),
		strings.Join(p.GetTags(), " "),
	}
}
