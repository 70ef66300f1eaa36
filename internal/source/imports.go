package source

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/types/descriptorpb"
)

// setImports gives a file other imports, in the order given. A path that was a public or a weak import stays one.
func setImports(file *descriptorpb.FileDescriptorProto, paths []string) {
	was := file.GetDependency()
	moved := func(indexes []int32) []int32 {
		var kept []int32
		for _, i := range indexes {
			if i < 0 || int(i) >= len(was) {
				continue
			}
			if to := slices.Index(paths, was[i]); to >= 0 {
				kept = append(kept, int32(to))
			}
		}
		return kept
	}
	file.PublicDependency, file.WeakDependency = moved(file.GetPublicDependency()), moved(file.GetWeakDependency())
	file.Dependency = paths
}

// otherName finds a missing import among files that are known by shorter names: Go packages generated inside each folder
// register auth.proto where others import api/auth.proto. The longest name that fits is meant; "" if none does.
func otherName(missing string, have func(path string) bool) string {
	for rest := missing; ; {
		_, shorter, ok := strings.Cut(rest, "/")
		if !ok {
			return ""
		}
		if have(shorter) {
			return shorter
		}
		rest = shorter
	}
}

// renameImports points the missing imports of a file to files that are there under shorter names.
func renameImports(file *descriptorpb.FileDescriptorProto, have func(path string) bool) {
	paths := slices.Clone(file.GetDependency())
	for i, path := range paths {
		if other := otherName(path, have); !have(path) && other != "" && other != file.GetName() &&
			!slices.Contains(paths, other) {
			paths[i] = other
		}
	}
	if !slices.Equal(paths, file.GetDependency()) {
		file.Dependency = paths
	}
}

// dropWeak takes away the weak imports that cannot be had, which is what weak means.
func dropWeak(file *descriptorpb.FileDescriptorProto, have func(path string) bool) {
	var missing []string
	for _, i := range file.GetWeakDependency() {
		if i >= 0 && int(i) < len(file.GetDependency()) && !have(file.GetDependency()[i]) {
			missing = append(missing, file.GetDependency()[i])
		}
	}
	if missing == nil {
		return
	}
	setImports(file, slices.DeleteFunc(slices.Clone(file.GetDependency()), func(path string) bool {
		return slices.Contains(missing, path)
	}))
}
