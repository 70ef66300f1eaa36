package stream_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/stream"
)

func BenchmarkReader(b *testing.B) {
	const order = `{"orderId":"ord-1042","items":[{"sku":"lamp \"Aino\"","count":2,"price":{"currency":"EUR","units":"89"}}],"gift":true}` + "\n"
	for name, body := range map[string]string{
		"lines":  strings.Repeat(order, 1000),
		"a list": "[" + strings.Repeat(order+",", 1000) + "1]",
		"a text": `"` + strings.Repeat("All of it is text without a quote. ", 3000) + `"`,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				r := stream.NewReader(strings.NewReader(body), stream.ReaderOptions{})
				var err error
				for err == nil {
					_, err = r.Next()
				}
				if err != io.EOF { //nolint:errorlint // it is returned as it is
					b.Fatal(err)
				}
			}
		})
	}
}

// sink is a response that goes nowhere.
type sink struct{ header http.Header }

func (s sink) Header() http.Header { return s.header }

func (sink) WriteHeader(int) {}

func (sink) Flush() {}

func (sink) Write(p []byte) (int, error) { return len(p), nil }

func BenchmarkSend(b *testing.B) {
	for _, f := range forms {
		b.Run(f.name, func(b *testing.B) {
			w := f.open(sink{http.Header{}})
			defer w.Close()
			b.ReportAllocs()
			for b.Loop() {
				if err := w.Send(one, stream.Event{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
