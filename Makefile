# The one door. `make help` lists what is behind it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps --progress-bar on
RUST_SOURCES := $(shell find rust/core/src rust/core/build rust/python/src -name '*.rs' 2>/dev/null) \
	Cargo.toml Cargo.lock rust/core/Cargo.toml rust/python/Cargo.toml
PORT ?= 8080

.PHONY: help setup run test check bench bench-media bombs legible tokens calibrate fuzz lock clean \
	test-rust test-python test-clients

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 24

setup: .venv/.dev .venv/.native ## virtual environment in .venv, native module built

run: .venv/.run .venv/.native ## start the gateway on http://127.0.0.1:$(PORT), no key needed
	@exec $(BIN)/weighbridge serve --port $(PORT)

test: setup test-rust test-python ## every test of the product

test-rust: setup
	@echo "== Rust tests"
	cargo test --workspace --locked --quiet

test-python: setup .venv/promtool
	@echo "== Python tests"
	$(BIN)/python -m pytest

test-clients: setup .venv/openai2 ## the end-to-end suite under the official openai client 3.x, then 2.x
	$(BIN)/python -m pytest tests/e2e
	PYTHONPATH=.venv/openai2 $(BIN)/python -m pytest tests/e2e

check: setup ## formatting, lints, types, import directions, caps
	@echo "== formatting and lints"
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
	@echo "== types"
	$(BIN)/mypy
	@echo "== import directions"
	PYTHONPATH=. $(BIN)/lint-imports

bench: setup ## ratios against named rivals, interleaved in one run
	$(BIN)/python -m tests.benchmarks

bench-media: setup .venv/rivals .venv/calibrate ## the media engine against every image and token library, with peak memory
	PYTHONPATH=.venv/rivals $(BIN)/python -m tests.benchmarks media threads body
	PYTHONPATH=.venv/rivals:.venv/calibrate $(BIN)/python -m tests.benchmarks tokens

bombs: setup ## hostile media, each with its time and peak memory
	$(BIN)/python -m tests.benchmarks.bombs

legible: setup ## receipts and pages read before and after the smallest legible size: no field lost (minutes)
	$(BIN)/python -m tests.benchmarks.legible

tokens: setup .venv/rivals ## our token counts against tiktoken's on 140,000 texts, and a second counter's on megabytes
	PYTHONPATH=.venv/rivals:. $(BIN)/python -m tests.native.differential

calibrate: setup .venv/calibrate ## fit the token estimator anew, print its errors and another family's factors
	PYTHONPATH=.venv/calibrate:. $(BIN)/python -m tests.benchmarks.calibrate
	cargo fmt -p weighbridge-core

fuzz: ## every fuzz target for FUZZ_SECONDS (needs a nightly toolchain and a C++ compiler)
	@command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked
	@cd rust/fuzz && for target in $$(cargo +nightly fuzz list --fuzz-dir .); do \
		echo "== fuzz $$target"; mkdir -p corpus/$$target; \
		cargo +nightly fuzz run --fuzz-dir . $$target corpus/$$target seeds/$$target -- \
			-max_total_time=$${FUZZ_SECONDS:-300} -rss_limit_mb=2048 -print_final_stats=0; \
	done

lock: ## resolve the lock files anew from pyproject.toml and Cargo.toml
	$(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra local $(LOCK_FLAGS) -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra local --group dev -c requirements.lock $(LOCK_FLAGS) -o requirements-dev.lock
	$(BIN)/uv pip compile --group build -c requirements.lock $(LOCK_FLAGS) -o requirements-build.lock
	$(BIN)/uv pip compile --group openai2 $(LOCK_FLAGS) -o requirements-openai2.lock
	$(BIN)/uv pip compile --group rivals -c requirements-dev.lock $(LOCK_FLAGS) -o requirements-rivals.lock
	$(BIN)/uv pip compile --group calibrate -c requirements-dev.lock $(LOCK_FLAGS) -o requirements-calibrate.lock
	cargo update --workspace

LOCK_FLAGS := --quiet --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 --universal

clean: ## what make made
	rm -rf .venv target dist gateway/_core*.so

.venv/bin/python:
	@echo "== virtual environment in .venv"
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "weighbridge needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv

.venv/.run: requirements.lock | .venv/bin/python
	@echo "== packages (versions and hashes from requirements.lock; a download of about 300 MB with the embedded engines)"
	$(PIP) -r requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock | .venv/bin/python
	@echo "== packages (versions and hashes from requirements-dev.lock)"
	$(PIP) -r requirements-dev.lock
	@touch $@ .venv/.run

# Prometheus' own rule engine, unpacked and not installed; the archive's signature vouches for it.
.venv/promtool: | .venv/bin/python
	@rm -rf .venv/prometheus && mkdir -p .venv/prometheus
	@if ! command -v promtool >/dev/null && command -v apt-get dpkg-deb >/dev/null; then \
		echo "== promtool (a Debian package of 19 MB)"; cd .venv/prometheus && \
		apt-get -qq download prometheus 2>/dev/null && dpkg-deb -x prometheus_*.deb . && \
		mv usr/bin/promtool ../promtool || true; fi
	@rm -rf .venv/prometheus
	@test -x $@ || command -v promtool >/dev/null || echo "promtool is not at hand: tests of the alerts will be skipped"

.venv/openai2: requirements-openai2.lock | .venv/bin/python
	$(PIP) --quiet --target $@ -r requirements-openai2.lock
	@touch $@

.venv/rivals: requirements-rivals.lock | .venv/bin/python
	$(PIP) --quiet --target $@ -r requirements-rivals.lock
	@touch $@

.venv/calibrate: requirements-calibrate.lock | .venv/bin/python
	$(PIP) --quiet --target $@ -r requirements-calibrate.lock
	@touch $@

.venv/.native: $(RUST_SOURCES) | .venv/bin/python
	@echo "== native module (the first build takes a few minutes)"
	@command -v cargo >/dev/null || { echo "weighbridge needs a Rust toolchain (cargo) to build gateway._core"; exit 1; }
	cargo build --release --locked -p weighbridge-core
	$(PIP) -q -r requirements-build.lock
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(BIN)/python -m pip install --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@
