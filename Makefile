# What a person runs and what CI runs are the same recipes.
# One build serves them all: everything here uses the release profile.

CARGO ?= cargo
BIN   := target/release/sidetone
# Needed to build: cmake and g++ for whisper.cpp, flite1-dev for the voice, pkg-config for SQLite's build.
BUILD_PACKAGES := cmake g++ make pkg-config flite1-dev
# Needed by `make interop` only.
PEER_PACKAGES  := sip-tester baresip tshark sox xxd

.DEFAULT_GOAL := help
.PHONY: help setup build run demo test check fmt-check lint docs unit bench interop doctor clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: ## Install what the build needs (Debian packages; skips what is there)
	@./tools/setup.sh $(BUILD_PACKAGES)

build: setup ## Build everything
	$(CARGO) build --release --locked --workspace --bins

run: build ## Start the server with its embedded defaults and say where to call
	$(BIN) serve

demo: build ## Play a whole call through real sockets: a caller, the server, two agents' phones
	$(BIN) demo $(DEMO_FLAGS)

test: setup ## All that CI does: format, lints, docs, every test
	$(MAKE) fmt-check lint docs unit

check: setup fmt-check lint docs ## The quick half of `make test`

fmt-check:
	$(CARGO) fmt --all --check

lint:
	$(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --locked --workspace --no-deps --quiet

unit: build
	$(CARGO) test --release --locked --workspace

bench: build ## Measure turn gap, barge-in stop and handover on the wire; writes benches/results/
	$(CARGO) run --release --locked -p sidetone-benches -- --server $(BIN)

interop: build ## Call the server with SIPp and baresip, and check the audio in both directions
	@./tools/setup.sh $(PEER_PACKAGES)
	./sip-fixtures/interop/with-server.sh $(BIN)

doctor: build ## Say what is missing and how to mend it
	$(BIN) doctor

clean: ## Remove what was built; recordings and the store stay
	$(CARGO) clean
