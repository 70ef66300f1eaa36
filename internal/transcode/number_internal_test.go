package transcode

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// TestNumbersAreWrittenAsStrconvDoes compares with strconv around every power of ten and of two, and at random.
func TestNumbersAreWrittenAsStrconvDoes(t *testing.T) {
	t.Parallel()
	check := func(v uint64) {
		if got, want := string(appendUint(nil, v)), strconv.FormatUint(v, 10); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, want := string(appendInt([]byte("x"), int64(v))), "x"+strconv.FormatInt(int64(v), 10); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for power := uint64(1); ; power *= 10 {
		check(power - 1)
		check(power)
		check(power + 1)
		if power > math.MaxUint64/10 {
			break
		}
	}
	for shift := range 64 {
		check(1<<shift - 1)
		check(1 << shift)
	}
	g := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		check(g.Uint64() >> g.IntN(64))
	}
	check(math.MaxUint64)
}

// TestFloatsAreTheShortestThatReadBack compares with strconv, whose shortest form is the referee.
func TestFloatsAreTheShortestThatReadBack(t *testing.T) {
	t.Parallel()
	g := rand.New(rand.NewPCG(3, 4))
	for range 200_000 {
		v := math.Float64frombits(g.Uint64())
		switch g.IntN(4) {
		case 0:
			v = float64(g.Int64N(1e12)) / math.Pow10(g.IntN(9))
		case 1:
			v = -float64(g.Int64N(1e9)) / 1e6
		case 2:
			v = math.Trunc(v)
		}
		got, err := strconv.ParseFloat(string(appendDouble(nil, v)), 64)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		text := string(appendDouble(nil, v))
		if err != nil || got != v || len(text) > len(appendShortest(nil, v, 64)) {
			t.Fatalf("%v is written %s; strconv writes %s", v, text, appendShortest(nil, v, 64))
		}
	}
}

// TestShortFloatsAreWrittenAsStrconvDoes tries every float32 of up to six digits with up to three behind the point, and its
// neighbours, which need more.
func TestShortFloatsAreWrittenAsStrconvDoes(t *testing.T) {
	t.Parallel()
	for m := range 1_000_000 {
		v := float32(m) / 1000
		for _, v := range []float32{v, -v, math.Nextafter32(v, 1e9), math.Nextafter32(v, -1e9)} {
			if got, want := string(appendFloat(nil, v)), string(appendShortest(nil, float64(v), 32)); got != want {
				t.Fatalf("got %s, want %s", got, want)
			}
		}
	}
}
