# Everything works in a fresh clone with Python 3.11 or newer and make; environments are made here.
#   make demo    scan the examples            make test    the whole suite
#   make help    the other targets

SHELL := /bin/sh
.DEFAULT_GOAL := help

ifeq ($(origin PYTHON), undefined)
PYTHON := $(shell for python in python3.13 python3.12 python3.11 python3.14 python3 python; do \
  if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
    >/dev/null 2>&1; then echo $$python; break; fi; done)
endif

DEMO := .venv
TEST := .venv-test
# MLflow's pins do not go with those of the other tests: its guard is tested in environments of its
# own, one for each major version that is supported.
MLFLOW := .venv-mlflow2 .venv-mlflow3
MLFLOW_TESTS := tests/integrations/mlflow
# The newest wandb is in the environment of the suite, the oldest that is supported has its own.
WANDB := .venv-wandb-oldest
WANDB_TESTS := tests/integrations/wandb
RUNS ?= 300000
SOURCES := $(shell find src -type f ! -name '*.pyc')

.PHONY: help demo test suite guards lint fuzz bench examples docs hooks imports catalog clean python

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

demo: $(DEMO)/.installed ## scan examples/ and print the report
	@echo '$$ sentinel scan examples'
	@code=0; $(DEMO)/bin/sentinel scan examples || code=$$?; echo; \
	echo "The scan's exit code is $$code (0 clean, 1 findings, 2 error, 3 incomplete)."; \
	echo "1 is right here: some of the examples are hostile, see examples/README.md."; \
	test $$code -eq 1

test: lint ## run linters, type checker and suite
	@$(MAKE) --no-print-directory -j2 suite guards
	@echo 'Not run: make fuzz (an hour of fuzzing), make bench (beside other scanners).'

suite: $(TEST)/.installed
	$(TEST)/bin/python -m pytest -q

# Beside the suite, on the other core; its output is shown in one piece when it is done.
guards: $(MLFLOW:=/.installed) $(WANDB)/.installed
	@mkdir -p build; ( code=0; for environment in $(MLFLOW); do echo "$$environment"; \
	    $$environment/bin/python -m pytest -q $(MLFLOW_TESTS) || code=1; done; \
	  echo "$(WANDB)"; $(WANDB)/bin/python -m pytest -q $(WANDB_TESTS) || code=1; \
	  exit $$code ) > build/guards.log 2>&1; code=$$?; cat build/guards.log; exit $$code

lint: $(TEST)/.installed ## run the linters and the type checker
	$(TEST)/bin/ruff check
	$(TEST)/bin/mypy

fuzz: $(TEST)/.installed ## fuzz at length (RUNS=300000 for each target)
	@for file in tests/fuzz/fuzz_*.py; do target=$$(basename $$file .py); echo "$$target"; \
	  $(TEST)/bin/python -m tests.fuzz.$$target --runs $(RUNS) || exit 1; done

bench: $(TEST)/.installed ## measure beside other scanners (BENCH="--quick" for a few minutes' worth)
	$(TEST)/bin/python -m benchmarks.run $(BENCH)

examples: $(TEST)/.installed ## make the files in examples/ again
	$(TEST)/bin/python examples/make_examples.py

docs: $(TEST)/.installed ## make the generated pages of docs/ again
	$(TEST)/bin/python -m docs.generator

hooks: $(TEST)/.installed ## make the hooks' manifest and package again
	$(TEST)/bin/python -m tools.make_hooks

imports: $(TEST)/.installed ## derive the import tables again from the installed libraries
	$(TEST)/bin/python -m tools.audit_imports
	$(TEST)/bin/python -m tools.make_safe_imports
	$(TEST)/bin/python -m tools.make_torch_tables
	$(TEST)/bin/python -m tools.make_index

catalog: $(TEST)/.installed ## compile the catalogue of personal data again
	$(TEST)/bin/python -m tools.make_catalog

clean: ## remove environments, caches and builds
	rm -rf $(DEMO) $(TEST) $(MLFLOW) $(WANDB) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  benchmarks/.cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@test -n "$(PYTHON)" || { echo 'No Python 3.11 or newer with venv and pip was found.' >&2; \
	echo 'Install one (Debian: apt install python3 python3-venv) or say PYTHON=...' >&2; exit 1; }

$(DEMO)/.installed: $(SOURCES) pyproject.toml README.md | python
	@test -x $(DEMO)/bin/python || $(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet --disable-pip-version-check --force-reinstall .
	@touch $@

.venv-mlflow%/.installed: $(MLFLOW_TESTS)/requirements-%.txt pyproject.toml | python
	@test -x .venv-mlflow$*/bin/python || $(PYTHON) -m venv .venv-mlflow$*
	.venv-mlflow$*/bin/python -m pip install --quiet --disable-pip-version-check -r $< -e '.[sign,watermark]'
	@touch $@

$(WANDB)/.installed: $(WANDB_TESTS)/requirements-oldest.txt pyproject.toml | python
	@test -x $(WANDB)/bin/python || $(PYTHON) -m venv $(WANDB)
	$(WANDB)/bin/python -m pip install --quiet --disable-pip-version-check -r $< -e .
	@touch $@

# One pip call for everything, so that one resolution pins torch and what builds on it.
$(TEST)/.installed: pyproject.toml | python
	@test -x $(TEST)/bin/python || $(PYTHON) -m venv $(TEST)
	$(TEST)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[archives,pii,fast,data,sign,kms,deps,watermark,safe,test,dev]'
	@touch $@
