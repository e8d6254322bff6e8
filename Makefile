# Everything a newcomer needs: `make demo`, then `make test`.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# The name of the stamp is the content of what is installed, so a copied or cached environment is judged rightly.
STAMP := $(VENV)/.installed-$(shell cat requirements/dev.txt pyproject.toml | cksum | tr ' ' '-')
# The source beside this file is what is checked, wherever the environment was first made.
export PYTHONPATH := $(CURDIR)/src
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
PYTEST := $(PY) -m pytest -n 2

.PHONY: setup demo test test-long test-pages test-crash test-load test-mutants check lint types imports fast slow browser sandbox ninety-days bench docs lock clean

setup: $(STAMP)  ## install everything into .venv

$(STAMP):
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements/dev.txt
	$(PIP) --no-deps --no-build-isolation -e .
	$(PY) -m compileall -q src
	rm -f $(VENV)/.installed*
	touch $@

demo: setup  ## start the server with people and repositories in it, and run their pipelines live
	$(PY) -m demo

check: lint types imports fast  ## format, lint, types, imports, fast tests

lint: setup
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

types: setup
	$(PY) -m mypy

imports: setup
	$(PY) -c "from importlinter.cli import lint_imports_command as main; main()"

fast: setup
	$(PYTEST) -m "not slow" $(PYTEST_ARGS)

slow: setup
	$(PYTEST) -m slow $(PYTEST_ARGS)

test: setup browser sandbox  ## every test but those that take many seconds each
	$(PYTEST) -m "not long" $(PYTEST_ARGS)

test-long: setup browser sandbox  ## servers that are killed, lose their disk or their clock, and stories that take long
	$(PYTEST) -m long $(PYTEST_ARGS)

test-pages: setup browser  ## of those, the walk over every page in a real browser: both languages, themes and sizes
	$(PYTEST) tests/web/test_web_every_page.py $(PYTEST_ARGS)

test-crash: setup  ## kill the server 200 times while pipelines run, on each database; nothing may be lost
	$(PY) -m tests.crash --rounds 200 --database both

test-load: setup  ## a server under hostile load: what those who mean well notice of it
	$(PY) -m tests.hostile.load

test-mutants: setup  ## take each permission check and each duty away in turn; the test of the table must notice
	$(PY) -m tests.mutants

# A browser for tests of the pages: the system's own. Where there is none and none can be had, these tests are skipped.
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		{ apt-get update && apt-get install -y --no-install-recommends chromium fonts-noto-cjk; } >/dev/null 2>&1; } || \
		echo "no Chromium here and none could be installed: browser tests are skipped"

# What jobs are kept apart with: the system's own. Where they are not and cannot be had, tests with real ones are skipped.
sandbox:
	@command -v bwrap >/dev/null && command -v podman >/dev/null && command -v runc >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		{ apt-get update && apt-get install -y --no-install-recommends bubblewrap podman runc busybox-static; } >/dev/null 2>&1; } || \
		echo "no bubblewrap or podman here and none could be installed: tests with them are skipped"

ninety-days: setup  ## two teams for ninety days under a moved clock: how much of the standard is decided from records
	$(PY) -m ninety_days

bench: setup  ## figures as ratios against a peer or a physical limit
	$(PY) -m bench

docs: setup  ## regenerate docs/reference from the parts, and the translation catalogue
	$(PY) -m tools.catalogue
	$(PY) -m tools.docs

lock:  ## export pinned, hashed requirement files (needs uv)
	$(PYTHON) -m tools.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .demo .demo-engine
