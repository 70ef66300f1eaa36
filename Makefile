SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BUF := go tool -modfile=tools/buf/go.mod buf
LINT := go tool -modfile=$(CURDIR)/tools/golangci-lint/go.mod golangci-lint

# The packages that share state between goroutines. The race detector makes tests five to ten times slower, so the
# others, which compile tables and run them, are tested without it.
RACED := $(patsubst %,./%/...,$(wildcard conformance server internal/coding internal/compose internal/corpus internal/policy internal/redisclient internal/route internal/shop internal/source internal/stream internal/upstream internal/watch))
# Modules of their own beside the main one.
MODULES := $(patsubst %/go.mod,%,$(wildcard bench/go.mod browser/go.mod contract/go.mod interop/go.mod))

FUZZTIME ?= 30s

.PHONY: help
help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-16s %s\n", $$1, $$2}'

.PHONY: run
run: .go ## start the edge with the sample shop behind it
	@go run ./cmd/gatehouse serve --demo

# Stamped with the commit: `gatehouse version` reads it from the build information.
.PHONY: build
build: .go ## write the static binary bin/gatehouse
	@CGO_ENABLED=0 go build -trimpath -buildvcs=auto -o bin/gatehouse ./cmd/gatehouse

.PHONY: test
test: .go ## run every test; CI=true fails on a skipped one
	@go build -o bin/testreport ./tools/testreport
	@race=-race; \
	if [ "$$(go env CGO_ENABLED)" != 1 ] || ! command -v "$$(go env CC)" >/dev/null; then race=; \
		echo "the race detector needs a C compiler: install gcc, set CGO_ENABLED=1. $(RACED) run without it"; \
		if [ "$${CI:-}" = true ]; then exit 1; fi; \
	fi; \
	all="$$(go list ./...)"; \
	raced="$(if $(RACED),$$(go list $(RACED)))"; \
	plain="$$(grep -vxF "$${raced:-none}" <<<"$$all")"; \
	{ status=0; \
		go test -json $$plain || status=1; \
		if [ -n "$$raced" ]; then go test -json $$race $$raced || status=1; fi; \
		for module in $(MODULES); do (cd $$module && go test -json ./...) || status=1; done; \
		exit $$status; \
	} | bin/testreport

.PHONY: conformance
conformance: .go ## run the JSON tests of the protobuf conformance suite
	@go build -o bin/testreport ./tools/testreport
	@go test -json -count=1 -run Conformance ./internal/transcode | bin/testreport

.PHONY: fuzz
fuzz: .go ## fuzz each target for FUZZTIME (30s)
	@$(MAKE) -s fuzz-targets | { status=0; while read -r package target; do \
		echo "$$package $$target"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x "$$package" </dev/null || status=1; \
	done; exit $$status; }

.PHONY: fuzz-targets
fuzz-targets: .go ## list what `make fuzz` runs
	@go test -list '^Fuzz' ./... | awk '\
		/^Fuzz/ { names[++n] = $$1 } \
		/^ok/ { for (i = 1; i <= n; i++) print $$2, names[i]; total += n; n = 0 } \
		END { if (!total) { print "no fuzz target found" > "/dev/stderr"; exit 1 } }'

.PHONY: bench
bench: .go ## measure the edge beside its peers and print one table
	@cd bench && go run .

.PHONY: lint
lint: lint-go lint-proto ## check the Go code and the protos, the protos also against main

.PHONY: lint-go
lint-go: .go
	@$(LINT) run
	@for module in $(MODULES); do (cd $$module && $(LINT) run); done

.PHONY: lint-proto
lint-proto: .protodeps
	@$(BUF) lint
	@$(BUF) format --diff --exit-code proto
	@for example in examples/*/; do $(BUF) format --diff --exit-code "$$example"; done
	@tools/buf/breaking.sh
	@tools/buf/examples.sh

# Written beside gen/ first: a plugin that fails leaves what is there.
.PHONY: generate
generate: .protodeps ## write gen/ and openapi/ from proto/
	@rm -rf .generated
	@$(BUF) generate --output .generated
	@$(BUF) generate --output .generated --template tools/buf/validate.gen.yaml
	@$(BUF) generate --output .generated --template tools/buf/openapi.gen.yaml
	@rm -rf gen openapi && mv .generated/* . && rmdir .generated

.PHONY: check-generated
check-generated: generate ## fail if gen/ or openapi/ is not what proto/ says
	@git diff --exit-code -- gen openapi
	@new="$$(git ls-files --others --exclude-standard -- gen openapi)"; \
	if [ -n "$$new" ]; then printf 'generated but not committed:\n%s\n' "$$new"; exit 1; fi

.PHONY: clean
clean: ## remove what the other targets wrote and git ignores
	@rm -rf bin .protodeps .protodeps.next .generated

.PHONY: .protodeps
.protodeps: .go
	@go run ./tools/protodeps .protodeps

.PHONY: .go
.go:
	@command -v go >/dev/null || { echo "Go is missing: install 1.26 or newer from https://go.dev/dl and put it on the PATH"; exit 1; }
	@go list -m >/dev/null
