# `make help` lists what there is. Written for GNU make 3.81 and newer.

PYTHON ?= python3
NODE ?= node
NPM ?= npm
WORKERS ?= auto
DIST ?= loadscope
ARGS ?=

BIN := .venv/bin
PYTHON_PACKAGES := .venv/.python-packages
PROJECT := .venv/.project
NODE_PACKAGES := node_modules/.package-lock.json

IN_RANGE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

.PHONY: help setup demo test check lint format-check types layers format bench lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo '  ARGS="..." goes on to demo, test, check, bench and lock; WORKERS=0 runs the tests in one process.'

setup: $(PROJECT) $(NODE_PACKAGES) ## Install everything that the lock files name (again only when they change)
	@echo "Plimsoll is set up. Next: make demo" >&2

demo: $(PROJECT) $(NODE_PACKAGES) ## Watch the whole product work on a local chain (ARGS="--once --json")
	@$(BIN)/plimsoll demo $(ARGS)

test: $(PROJECT) $(NODE_PACKAGES) ## Run the test suite (ARGS="-k health")
	@$(BIN)/python -m pytest -n $(WORKERS) --dist $(DIST) $(ARGS)

check: lint format-check types layers ## Run what CI runs: lint, format, types, layers, tests
	@$(MAKE) test

lint: $(PROJECT) ## Look for mistakes (ruff)
	@$(BIN)/ruff check

format-check: $(PROJECT) ## Say which files are not formatted
	@$(BIN)/ruff format --check

types: $(PROJECT) ## Check the types (mypy, strict)
	@$(BIN)/mypy

layers: $(PROJECT) ## Check that every import points down (import-linter)
	@$(BIN)/lint-imports --no-logo

format: $(PROJECT) ## Format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

bench: $(PROJECT) $(NODE_PACKAGES) ## Measure against the floor and the peers (ARGS="--only NAME --json")
	@$(BIN)/python -m benchmarks $(ARGS)

lock: $(PYTHON_PACKAGES) ## Resolve the newest versions within the bounds and rewrite both lock files
	@$(BIN)/uv lock --upgrade $(ARGS)
	@$(BIN)/uv export --quiet --all-extras --all-groups --no-emit-project --format requirements-txt > requirements.lock.new
	@mv requirements.lock.new requirements.lock
	@rm -rf .npm-lock && mkdir .npm-lock && cp package.json .npmrc .npm-lock/
	@cd .npm-lock && $(NPM) install --package-lock-only --ignore-scripts --loglevel=error
	@mv .npm-lock/package-lock.json package-lock.json && rm -rf .npm-lock

clean: ## Remove what can be made again (never your data, which are elsewhere)
	@rm -rf .venv node_modules dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .npm-lock
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PYTHON_PACKAGES): requirements.lock
	@$(BIN)/python -c '$(IN_RANGE)' 2>/dev/null && $(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	  $(PYTHON) -c '$(IN_RANGE)' 2>/dev/null || { \
	    echo "Plimsoll needs Python 3.11 to 3.14, but '$(PYTHON) --version' says: $$($(PYTHON) --version 2>&1)" >&2; \
	    echo "Name another one: make setup PYTHON=python3.12" >&2; exit 1; }; \
	  echo "Creating .venv ..." >&2; \
	  $(PYTHON) -m venv --clear .venv >&2; }
	@echo "Installing the Python packages of requirements.lock ..." >&2
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9' >&2
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock >&2
	@touch $@

# The build backend comes from uv's cache when it is there, so that a changed pyproject.toml needs no network.
$(PROJECT): $(PYTHON_PACKAGES) pyproject.toml
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --offline --no-deps -e . 2>/dev/null \
	  || $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e . >&2
	@touch $@

# npm writes this file last, when everything is in place. Not `npm ci`: it refuses a lock file made where the registry lacks
# the optional packages of other platforms. This checks the same hashes and leaves the lock file alone.
$(NODE_PACKAGES): package-lock.json
	@$(NODE) -e 'process.exit(parseInt(process.versions.node, 10) < 20 ? 1 : 0)' 2>/dev/null || { \
	  echo "Plimsoll needs Node 20 or newer, but '$(NODE) --version' says: $$($(NODE) --version 2>&1)" >&2; \
	  echo "Name another one: make setup NODE=... NPM=..." >&2; exit 1; }
	@echo "Installing the node packages of package-lock.json ..." >&2
	@SCARF_ANALYTICS=false $(NPM) install --no-save --no-progress --loglevel=error >&2
	@touch $@
