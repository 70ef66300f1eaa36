package openapi_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
)

// wanted reads what the files of a folder say of themselves: behind each line, in comments, what is wrong with it.
func wanted(t *testing.T, dir string) map[string][]string {
	t.Helper()
	want := map[string][]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for i, line := range strings.Split(string(text), "\n") {
			for _, problem := range strings.Split(line, "// want: ")[1:] {
				place := fmt.Sprintf("%s:%d", path, i+1)
				want[place] = append(want[place], strings.TrimSpace(problem))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return want
}

func TestContradictionsAreProblemsWithTheirPlace(t *testing.T) {
	t.Parallel()
	const dir = "testdata/wrong"
	_, err := build(t, dir, openapi.Options{})
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	want := wanted(t, dir)
	for problem := range strings.SplitSeq(err.Error(), "\n") {
		parts := strings.SplitN(problem, ":", 4)
		place := strings.Join(parts[:2], ":")
		found := false
		for i, text := range want[place] {
			if strings.Contains(parts[3], text) {
				want[place] = append(want[place][:i], want[place][i+1:]...)
				found = true
				break
			}
		}
		if !found {
			t.Errorf("nobody expects %s", problem)
		}
	}
	for place, texts := range want {
		for _, text := range texts {
			t.Errorf("%s: nobody says %s", place, text)
		}
	}
}

func TestFilesThatDisagreeNameEachOther(t *testing.T) {
	t.Parallel()
	_, err := build(t, "testdata/rivals", openapi.Options{})
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{
		`dogs.proto:10:5: openapiv2_swagger: info.title is "Dogs" here and "Cats" in testdata/rivals/rivals/v1/cats.proto:10:5`,
		`dogs.proto:11:5: openapiv2_swagger: info.version is "2" here and "1" in testdata/rivals/rivals/v1/cats.proto:11:5`,
		`info.description is "Woof." here`, `host is "dogs.example" here`, `schemes is not the same here`, `base_path is "/dogs" here`,
		`(openapi.servers in the configuration)`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
}
