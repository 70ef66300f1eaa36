#!/usr/bin/env bash
# Compares proto/ with what main has, for changes that break callers. Run from the root by `make lint`.
#
# The base is where this branch left main (origin/main if there is one); on main itself it is the commit before. It is
# unpacked beside the third-party protos that it imports: git ignores those, so buf can not read it from git alone.
set -euo pipefail

main=main
if git rev-parse --quiet --verify origin/main >/dev/null; then main=origin/main; fi

if ! git rev-parse --quiet --verify HEAD >/dev/null; then
	echo "buf breaking: no commit yet to compare with"
	exit 0
fi
base="$(git merge-base HEAD "$main")" || {
	echo "buf breaking: HEAD and $main have no commit in common; fetch main with its history" >&2
	exit 1
}
if [ "$base" = "$(git rev-parse HEAD)" ]; then
	if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
		echo "buf breaking: the clone is shallow; fetch its history: git fetch --unshallow" >&2
		exit 1
	fi
	base="$(git rev-parse --quiet --verify HEAD^)" || {
		echo "buf breaking: the first commit has nothing to compare with"
		exit 0
	}
fi
if ! git cat-file -e "$base:proto" 2>/dev/null; then
	echo "buf breaking: $main had no proto/ at ${base:0:12}, nothing to compare with"
	exit 0
fi

against="$(mktemp -d)"
trap 'rm -rf "$against"' EXIT
git archive "$base" proto buf.yaml | tar -x -C "$against"
cp -R .protodeps "$against/.protodeps"
go tool -modfile=tools/buf/go.mod buf breaking --against "$against"
