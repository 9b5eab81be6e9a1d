# One entry point for users and developers; `make help` lists the targets.
# A step runs again only when what it depends on has changed: .venv/.* are the stamps.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
UV := $(VENV)/bin/uv
PLUGINS := $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml))
MEMBERS := $(PLUGINS) client
PROJECTS := pyproject.toml $(MEMBERS:%=%/pyproject.toml)
PACKAGES := portal $(PLUGINS:plugins/%=portal_%) portal_client
PYTEST := $(PY) -m pytest -p tests.no_skips
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --annotation-style line --no-emit-package archive-portal
BENCHMARKS ?= $(notdir $(basename $(shell grep -l '"--seed"' benchmarks/*.py)))
SEED ?= 1
empty :=

.DEFAULT_GOAL := help
.PHONY: help run install test test-unit lint soak bench lock system-packages

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /|/' \
	  | while IFS='|' read -r name text; do printf '  make %-16s %s\n' "$$name" "$$text"; done

run: install ## Start the portal; Ctrl-C stops it
	@PORTAL_DEVELOPMENT_LOGIN=$${PORTAL_DEVELOPMENT_LOGIN:-auto} exec $(VENV)/bin/portal up

install: $(VENV)/.installed ## Create .venv with the pinned dependencies, the portal, its plugins and its client

# Python starts twice as fast with what it compiled before, pytest's asserts among it.
test test-unit: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/.tests system-packages ## Run every test against real peers, with short seeds
	$(PY) -m tests.services.dachs start
	@$(PYTEST) --numprocesses 2 --dist loadfile $(ARGS); status=$$?; $(PY) -m tests.services.dachs stop; exit $$status

test-unit: $(VENV)/.tests ## Run the tests that need no peer, no browser, no root, and are not slow
	$(PYTEST) -p tests.unit_run -m "not peers and not browser and not faults and not slow" \
	  --ignore tests/browser --ignore tests/faults --hypothesis-profile quick \
	  --numprocesses auto --maxprocesses 8 --dist worksteal $(ARGS)

lint: $(VENV)/.tests ## Check style, formatting, types, the walls between rooms, the lock files
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	MYPYPATH=$(subst $(empty) $(empty),:,$(strip $(MEMBERS))) $(VENV)/bin/mypy $(PACKAGES:%=--package %)
	$(VENV)/bin/lint-imports
	$(PYTEST) -q tests/test_setup.py -k locks

soak: $(VENV)/.tests system-packages ## Run the fault tests, and those with made-up examples, for long
	PORTAL_TEST_SOAK=1 $(PYTEST) -m "faults or hypothesis or soak" --timeout 1200 $(ARGS)

bench: $(VENV)/.tests ## Measure, side by side with others, with SEED=1; writes benchmarks/results
	@for name in $(BENCHMARKS); do $(PY) -m benchmarks.$$name --seed $(SEED) $(ARGS) || exit; done

lock: $(VENV)/.tests ## Compile the lock files again, after a change of dependencies
	printf '%s\n' '-e .[standalone,postgres]' hatchling editables \
	  | $(LOCK) - $(MEMBERS:%=%/pyproject.toml) --output-file requirements.lock
	printf '%s\n' uv | $(LOCK) - --group test --group lint \
	  --constraint requirements.lock --output-file requirements-test.lock

system-packages: $(VENV)/.tests
	@$(PY) -c 'import sys; from tests.services.debian import install; sys.tracebacklimit = 0; \
	  install("chromium", "nginx-light")'

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "The portal needs Python 3.11 or newer, and '$(PYTHON)' is not." \
	    "Name another one: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make virtual environments." \
	    "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.locked: requirements.lock $(VENV)/.created
	@echo "Installing the pinned dependencies; this takes a minute or two ..."
	@$(PIP) install --quiet --require-hashes --requirement requirements.lock
	@touch $@

$(VENV)/.installed: $(PROJECTS) $(VENV)/.locked
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable . $(MEMBERS:%=--editable %)
	@touch $@

$(VENV)/.tests: requirements-test.lock $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(PIP) install --quiet --require-hashes --requirement requirements-test.lock
	@touch $@
