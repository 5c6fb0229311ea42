# `make demo` and `make test` set everything up by themselves: Debian or Ubuntu, Python 3.11 or newer,
# python3-venv and git. No compiler and no root are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

.PHONY: help setup demo run test lint eval bench chaos schema clean

help:
	@echo "make demo    a scripted fortnight of a made-up portfolio, on this machine only"
	@echo "make test    style, types, floors and all tests"
	@echo "make run     the daemon with ./config (run 'make init' first, or '$(BIN)/counterwatch init')"
	@echo "make eval    how well names are matched, beside what one could use instead"
	@echo "make bench   speed, as ratios against a bare poll loop"
	@echo "make chaos   the slow runs: kills, faults, load"

setup: $(VENV)/.ready

# uv, because its override can put pyicu-wheels (ready-made) in the place of pyicu (needs a compiler and ICU).
$(VENV)/.ready: pyproject.toml constraints.txt overrides.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "counterwatch needs Python 3.11 or newer; $(PYTHON) is older. Install it, then: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Cannot make a virtual environment. On Debian or Ubuntu type: sudo apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --constraints constraints.txt --overrides overrides.txt --editable . --group dev
	@touch $@

demo: setup
	@$(BIN)/counterwatch demo

run: setup
	@$(BIN)/counterwatch run

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: lint
	$(PYTEST) -n auto -m "not slow"

chaos: setup
	$(PYTEST) -n 2 --timeout 1800 tests/chaos

eval: setup .eval/.ready
	$(BIN)/python -m tests.eval.run --json eval.json

# nomenklatura, with what it depends on, in an environment of its own; where it cannot be installed eval goes without.
.eval/.ready: overrides.txt | setup
	-@rm -rf .eval && $(PYTHON) -m venv .eval.new && $(BIN)/uv pip install --quiet --python .eval.new/bin/python --overrides overrides.txt "nomenklatura>=4.17" pyicu-wheels && mv .eval.new .eval && touch $@ || rm -rf .eval.new

bench: setup .bench/bin/urlwatch
	$(BIN)/python -m tests.bench.run --json bench.json

# What people use today, in an environment of its own; where it cannot be installed the bench goes without.
.bench/bin/urlwatch: | setup
	-@$(PYTHON) -m venv .bench && $(BIN)/uv pip install --quiet --python .bench/bin/python "urlwatch>=2.29"

schema: setup
	$(BIN)/python -m monitor.edge.config

clean:
	rm -rf $(VENV) .bench .eval bench.json eval.json .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist *.egg-info
