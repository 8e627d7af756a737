.PHONY: help run test quick check lint audit lock reference coverage bench clean
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8501
PIP_OPTIONS ?=
BIN := .venv/bin
# A busy machine may draw a page too late: what it had not shown in time is waited for once more,
# and that is told. What a test has read and found wrong, on screen or in the store, fails at once.
SECOND_LOOK := -rR --reruns 1 --only-rerun "TimeoutError: |Call log:"

help: ## say what each command does
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/.app ## start the app on http://127.0.0.1:8501 (PORT=... for another)
	@$(BIN)/ringfence run --port $(PORT)

test: export OMP_NUM_THREADS := 1
test: .venv/.dev check audit ## run everything: checks, unit, page and real-browser tests
	@browser=$$(scripts/find-browser) && export RINGFENCE_BROWSER="$$browser" && \
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not browser" && \
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(SECOND_LOOK) -m "browser and not undisturbed" && \
	$(BIN)/python -m pytest $(SECOND_LOOK) -m undisturbed

quick: export OMP_NUM_THREADS := 1
quick: lint ## what one runs while working: lint, types, layers, and unit tests that take no time
	$(BIN)/python -m pytest -n 2 --dist worksteal --ignore tests/browser --ignore tests/pages \
		-m "not (trains or process or slow)"

check: lint ## lint, formatting, types, and which layer may import which
	$(BIN)/python -m pytest -q tests/test_layers.py

lint: .venv/.dev node_modules/.package-lock.json ## lint, formatting and types, of the JavaScript too
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@node=$$(scripts/find-node) && PATH="$$node:$$PATH" npm run --silent check

audit: .venv/.dev ## look up known vulnerabilities of what requirements.lock names
	@$(BIN)/python scripts/audit

lock: .venv/.dev ## write requirements.lock anew: exact versions with their hashes, for any platform
	$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --python-version 3.11 \
		--custom-compile-command "make lock" requirements.txt --output-file requirements.lock

reference: .venv/.dev ## write docs/command-reference.md anew
	$(BIN)/python -m ringfence.reference > docs/command-reference.md

coverage: export OMP_NUM_THREADS := 1
coverage: .venv/.dev ## say which lines and branches of state/ and anomaly_core/ no unit or page test reaches
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not browser" --cov --cov-report=term-missing

bench: .venv/.dev ## measure what we claim (ARGS=--quick for three minutes of it)
	$(BIN)/python -m benchmarks $(ARGS)

clean: ## remove the environment; your data stays
	rm -rf .venv node_modules

.venv/.app: requirements.txt pyproject.toml
	@scripts/make-environment "$(PYTHON)"
	$(BIN)/python -m pip install --quiet $(PIP_OPTIONS) --editable .
	@touch $@

.venv/.dev: .venv/.app requirements-dev.txt
	$(BIN)/python -m pip install --quiet $(PIP_OPTIONS) -r requirements-dev.txt
	@touch $@

node_modules/.package-lock.json: package-lock.json | .venv/.dev
	@node=$$(scripts/find-node) && PATH="$$node:$$PATH" npm ci --silent --no-audit --no-fund
	@touch $@
