package transport

import (
	"errors"
	"os"
	"path/filepath"
)

// folder is where the edge keeps what it has made and got. Only its own user may read it.
type folder string

// makeFolder opens a folder, which is made if there is none.
func makeFolder(path ...string) (folder, error) {
	f := folder(filepath.Join(path...))
	return f, os.MkdirAll(string(f), 0o700)
}

func (f folder) path(name string) string { return filepath.Join(string(f), name) }

func (f folder) read(name string) ([]byte, error) { return os.ReadFile(f.path(name)) }

// write writes a file as a whole: whoever reads it finds the old content or the new.
func (f folder) write(name string, content []byte) error {
	temporary, err := os.CreateTemp(string(f), "."+name+"-*") // for nobody else to read
	if err != nil {
		return err
	}
	_, err = temporary.Write(content)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), f.path(name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

func (f folder) remove(name string) error {
	if err := os.Remove(f.path(name)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
