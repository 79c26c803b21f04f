# make demo    try reslib on the sample papers, or on your own: make demo PAPERS=~/papers
# make lab     JupyterLab with the lessons
# make check   what to run after each change: ruff, mypy and the quick tests, under two minutes
# make test    run every test that this machine can run
# Needs Python 3.11 or newer, with venv, and nothing else.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PAPERS ?= samples/papers
WORKERS ?= 2
DEMO := demo
export BIN PAPERS QUERY WORKERS DEMO

# The first Python that is new enough and can make environments; PYTHON=… chooses another.
ifndef PYTHON
PYTHON := $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && echo "$$python" && break; done)
endif

.PHONY: help demo lab check test test-browser test-faults test-cluster mutants fuzz bench notebooks lint clean
.DEFAULT_GOAL := help

help:
	@echo "make demo                   extract the sample papers and search in them"
	@echo "make demo PAPERS=~/papers   the same with your own (QUERY='some words' to search for)"
	@echo "make lab                    JupyterLab, with the lessons in notebooks/"
	@echo "make check                  ruff, mypy and the quick tests, under two minutes"
	@echo "make test                   run every test that this machine can run"
	@echo "make test-browser           the control panel in a real browser (needs Debian's chromium)"
	@echo "make test-faults RUNS=500   random schedules of faults on one file, and what is left in it"
	@echo "make test-cluster RUNS=100  random kills on a Dask cluster of this machine, and what is left"
	@echo "make mutants                take each protection away, and see which test notices"
	@echo "make fuzz MINUTES=60        search for documents that break an extractor (Linux, x86-64)"
	@echo "make bench                  every table of docs/performance.md (QUICK=1: a look)"
	@echo "make notebooks              run the lessons again and keep what they show"
	@echo "make lint                   ruff and mypy"
	@echo "make clean                  remove $(VENV), $(DEMO) and caches"

# --- the environment: made once, brought up to date when pyproject.toml changes ----------------

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "reslib needs Python 3.11 or newer with the modules venv and ensurepip."; \
		for python in python3 python; do if command -v $$python >/dev/null; then \
			echo "Found only $$($$python --version 2>&1) ($$python)."; break; fi; done; \
		echo "Debian, Ubuntu: apt install python3-venv.  Others: conda create -n reslib python=3.12,"; \
		echo "or say where one is: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12"; \
		exit 1; fi
	@echo "Making $(VENV) with $(PYTHON) …"
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) does not run, or is older than 3.11; choose another with PYTHON=…"; exit 1; }
	@"$(PYTHON)" -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make environments. Debian, Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/.ready-to-run: $(BIN)/python pyproject.toml
	@echo "Installing reslib and what it needs …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.ready-for-lab: $(BIN)/python pyproject.toml
	@echo "Installing reslib and JupyterLab …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[notebook,pdfplumber,python-docx]'
	@touch $@ $(VENV)/.ready-to-run

$(VENV)/.ready-to-test: $(BIN)/python pyproject.toml
	@echo "Installing reslib and what its tests need; the first time this takes a few minutes …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.ready-to-run $(VENV)/.ready-for-lab

# --- what people ask for -----------------------------------------------------------------------

# Exit code 1 of `reslib extract` says that some documents failed. Of the samples two do, on
# purpose; whatever else goes wrong ends the demo.
demo: $(VENV)/.ready-to-run
	@sh samples/demo.sh

# All that needs no files and no processes, and one file of tests for each large part that does.
QUICK_TESTS := tests/unit tests/acceptance/test_readme.py \
	$(patsubst %,tests/integration/test_%.py,database pdf queue store)
# As many processes as there are cores, each with whole files of tests; 0 for none but pytest itself,
# as a debugger needs it. A test that others would disturb is marked alone, with the reason.
PROCESSES ?= logical
PYTEST := $(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile
check: lint
	$(PYTEST) -q $(QUICK_TESTS) $(PYTEST_ARGS)

test: $(VENV)/.ready-to-test
	$(PYTEST) -ra $(PYTEST_ARGS)

test-browser: $(VENV)/.ready-to-test
	$(BIN)/python -m pytest -ra -m browser tests/browser $(PYTEST_ARGS)

RUNS ?= 12
test-faults: $(VENV)/.ready-to-test
	$(BIN)/python tests/faults/run.py --runs $(RUNS) $(FAULTS_ARGS)

test-cluster: RUNS = 20
test-cluster: $(VENV)/.ready-to-test
	$(BIN)/python tests/cluster/run.py --runs $(RUNS) $(CLUSTER_ARGS)

mutants: $(VENV)/.ready-to-test
	$(BIN)/python tests/faults/mutations.py $(MUTANTS_ARGS)

MINUTES ?= 10
fuzz: $(VENV)/.ready-to-test
	@$(BIN)/python -c 'import atheris' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[fuzz]'
	$(BIN)/python tests/fuzz/run.py --minutes $(MINUTES) $(FUZZ_ARGS)

$(VENV)/.ready-to-bench: $(VENV)/.ready-to-test
	@echo "Installing what reslib is compared with …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	@touch $@

bench: $(VENV)/.ready-to-bench
	@QUICK=$(QUICK) $(BIN)/python benchmarks/bench.py $(BENCH_ARGS)

# The server shows this folder, and so does its list of files: a new notebook stands beside the
# README, where the programs of the README work, and makes no database among the lessons.
lab: $(VENV)/.ready-for-lab
	JUPYTER_CONFIG_PATH="$(CURDIR)/notebooks/.jupyter$${JUPYTER_CONFIG_PATH:+:$$JUPYTER_CONFIG_PATH}" \
		$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" \
		--LabApp.default_url="/lab/tree/notebooks/00_start.ipynb?file-browser-path=/" $(LAB_ARGS)

# The state of widgets and the times of cells would change with every run, and say nothing.
LESSONS ?= $$($(BIN)/python tests/notebooks/lessons.py)
notebooks: $(VENV)/.ready-to-test
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace --log-level=WARN \
		--ExecutePreprocessor.store_widget_state=False \
		--ExecutePreprocessor.record_timing=False $(LESSONS)

lint: $(VENV)/.ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	for folder in tests/[a-z]*/; do \
		$(BIN)/mypy --config-file tests/mypy.ini tests/conftest.py $$folder || exit; done

clean:
	rm -rf $(VENV) $(DEMO) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
