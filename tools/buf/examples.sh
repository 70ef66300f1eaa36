#!/usr/bin/env bash
# Lints the protos of each folder in examples/ where they belong, in the place of those of the same name in proto/, and
# compares them with these, for changes that break callers. Run from the root by `make lint`.
set -euo pipefail

places="$(mktemp -d)"
trap 'rm -rf "$places"' EXIT
for example in examples/*/; do
	place="$places/$(basename "$example")"
	mkdir "$place"
	cp -R proto .protodeps buf.yaml "$place"
	cp -R "$example." "$place/proto"
	go tool -modfile=tools/buf/go.mod buf lint "$place"
	go tool -modfile=tools/buf/go.mod buf breaking "$place" --against .
done
