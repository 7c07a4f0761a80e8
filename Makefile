# Two commands matter: `make run` and `make test`. Both need Python 3.11 or newer, and nothing else; both may be repeated.

SHELL := /bin/sh
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v "$$name" && break; done)
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input install --quiet --require-hashes
UV_VERSION := 0.13.8
SEEDS ?= 5000
.DEFAULT_GOAL := help
.PHONY: help run test test-fast lint soak stripe mutants pictures bench bench-growth lock clean venv venv-run venv-dev

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: venv-run ## install what is missing, build, and serve on http://localhost:3000 (PORT, HOST and DATA_DIR are honoured)
	@exec $(PY) -m credit_studio run

test: venv-dev ## check everything: style, types, floors, all tests with coverage, a real browser included
	@exec $(PY) -m tests.everything

test-fast: venv-dev ## all tests that need no browser and no built pages
	@exec $(PY) -m pytest -m "not browser and not studio and not soak"

lint: venv-dev ## style, types and floors only
	@exec $(PY) -m tests.everything --lint

soak: venv-dev ## the long tests, SEEDS=5000 simulated days of the ledger among them
	@SEEDS="$(SEEDS)" exec $(PY) -m pytest -m soak

stripe: venv-dev ## tell the stories of payments to Stripe's own test mode; needs STRIPE_TEST_KEY=sk_test_... and the internet
	@test -n "$$STRIPE_TEST_KEY" || { echo "Set STRIPE_TEST_KEY to a secret key of Stripe's test mode: sk_test_..." >&2; exit 1; }
	@exec $(PY) -m pytest tests/payments/real_stripe.py

mutants: venv-dev ## plant mistakes in a copy of the ledger, one after the other: the tests must fail at each (half an hour)
	@exec $(PY) -m tests.mutants

pictures: venv-dev ## take the pictures of docs/pictures anew
	@exec $(PY) -m tests.browser.pictures

bench: venv-dev ## measure the studio on this machine beside what the machine gives; four minutes, writes docs/benchmarks.md
	@exec $(PY) -m credit_studio bench

bench-growth: venv-dev ## the same with a large book: ten minutes, 20 GB of disk for the time being
	@exec $(PY) -m credit_studio bench --growth

lock: venv-dev ## resolve pyproject.toml into requirements*.txt, with hashes
	@$(PY) -m pip --disable-pip-version-check install --quiet uv==$(UV_VERSION)
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes pyproject.toml -o requirements.txt
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes pyproject.toml --group dev -o requirements-dev.txt

clean: ## remove what was installed and built; data/ stays
	rm -rf .venv .web .states assets/external assets/local .coverage* .hypothesis .ruff_cache .import_linter_cache .stamp-*

# A virtual environment that works, from here: made anew when its Python or this folder has moved.
venv:
	@test -n "$(PYTHON)" || { echo "Credit Studio needs Python 3.11 or newer, and there is none on PATH. Install it, or name it: make run PYTHON=/path/to/python3.11" >&2; exit 1; }
	@if ! { $(PY) -c '' && grep -qxF "$(CURDIR)" .venv/made-in; } 2>/dev/null; then \
		"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: ensurepip is missing. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; \
		echo "Making a virtual environment in .venv ..."; \
		"$(PYTHON)" -m venv --clear .venv && echo "$(CURDIR)" > .venv/made-in; \
	fi

# What was installed is kept beside the environment: pip is asked only when the list is another one.
venv-run: venv
	@cmp -s requirements.txt .venv/installed-run || { \
		echo "Installing requirements.txt (some minutes the first time) ..."; $(PIP) -r requirements.txt && cp requirements.txt .venv/installed-run; }

venv-dev: venv
	@cmp -s requirements-dev.txt .venv/installed-dev || { \
		echo "Installing requirements-dev.txt (some minutes the first time) ..."; $(PIP) -r requirements-dev.txt && cp requirements-dev.txt .venv/installed-dev && cp requirements.txt .venv/installed-run; }
