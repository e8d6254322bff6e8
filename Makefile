# Everything a newcomer needs: `make demo`, then `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test check bench docs lock clean

$(STAMP): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

setup: $(STAMP)  ## install everything into .venv

demo: setup  ## run a real multi-stage pipeline and show what happened
	$(BIN)/python -m demo

check: setup  ## format, lint, types, imports, fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 -m "not slow"

test: setup  ## every test
	$(BIN)/pytest -n 2

bench: setup  ## figures as ratios against a peer or a physical limit
	$(BIN)/python -m bench

docs: setup  ## regenerate docs/reference from the parts, and the translation catalogue
	$(BIN)/python -m tools.docs
	$(BIN)/python -m tools.catalogue

lock: setup  ## export pinned, hashed requirement files
	$(BIN)/python -m tools.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
