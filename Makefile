# Everything that one does with a checkout. `make` lists it. All that is installed lands in .venv, which `make clean` removes.
#
#   make PYTHON=python3.13 test     makes .venv anew where it was made with another Python
#   make ARGS='-k resume -x' test   passes words to pytest

PYTHON ?= python3
VENV ?= .venv
ARGS ?=

PY := $(VENV)/bin/python
MAKEFILE := $(firstword $(MAKEFILE_LIST))
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-here test-react check check-react bench bench-react schema docs viewer clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE)

demo: $(VENV)/.installed ## Install into .venv and show a run, an edit and a resume; needs no key
	@$(VENV)/bin/ltg demo

test: test-here ## Run every test, in Python again on the newest other one at hand
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory test-react; \
	else echo "Node is not at hand: the React components and the web viewer were not tested."; fi
	@$(OTHER_PYTHON); \
	if [ -n "$$other" ]; then $(MAKE) --no-print-directory VENV=".venv-$$version" PYTHON="$$other" test-here; \
	else echo "No other Python from 3.11 on is at hand: the tests ran on one only."; fi

test-here: $(VENV)/.installed-dev
	@$(PY) --version
	$(PY) -m pytest -n auto --dist worksteal $(ARGS)

test-react: react-components/node_modules/.installed $(VENV)/.installed-dev
	cd react-components && npx --no-install vitest run
	@$(CHROMIUM); if [ -n "$$chromium" ]; \
	then cd react-components && CHROMIUM=$$chromium PYTHON=../$(PY) npx --no-install vitest run --config vitest.e2e.config.ts; \
	else echo "No Chromium is at hand: the web viewer was not tested in a browser."; fi

check: $(VENV)/.installed-dev ## Check style, types and import contracts
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy --strict
	@$(PY) -c 'import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))'
	@if [ ! -f react-components/package.json ]; then :; \
	elif ! command -v npm >/dev/null; then echo "Node is not at hand: react-components is not checked."; \
	else $(MAKE) --no-print-directory check-react; fi

check-react: react-components/node_modules/.installed
	cd react-components && npx --no-install eslint . && npx --no-install tsc --noEmit

bench: $(VENV)/.installed-dev ## Measure: what a run, a resume, a trace and the viewers cost
	$(PY) -m tests.benchmarks
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory bench-react; \
	else echo "Node is not at hand: the web viewer was not measured."; fi

bench-react: react-components/node_modules/.installed $(VENV)/.installed-dev
	cd react-components && node benchmarks/layout.mjs
	@$(CHROMIUM); if [ -n "$$chromium" ]; \
	then cd react-components && for each in load open live; do CHROMIUM=$$chromium PYTHON=../$(PY) node benchmarks/$$each.mjs || exit 1; done; \
	else echo "No Chromium is at hand: the web viewer was not measured in a browser."; fi

schema: $(VENV)/.installed ## Write the JSON schema of the trace again
	$(PY) -m llmtaskgraph._schema

docs: $(VENV)/.installed ## Write the tables of keys and draw the pictures of the documentation again
	$(PY) docs/keys.py
	$(PY) docs/images/draw.py

viewer: react-components/node_modules/.installed ## Build the web viewer into the Python package again
	cd react-components && node scripts/types.mjs && node viewer/build.mjs

clean: ## Remove what the other targets made
	rm -rf .venv .venv-3.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks .import_linter_cache dist
	rm -rf react-components/node_modules
	find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# Environments
#
# A stamp holds all that an installation depends on, so that a change elsewhere in pyproject.toml, or a fresh
# time on that file, installs nothing and needs no network.

define REQUIREMENTS
import json, os, sys, tomllib
with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)
parts = [project["build-system"], project["project"], project["tool"]["hatch"], os.getcwd()]
print("#", json.dumps(parts))
print("-e .")
if "dev" in sys.argv:  # pip reads dependency groups since 25.1 only
    print(*project["dependency-groups"]["dev"], sep="\n")
endef
export REQUIREMENTS

# $(call install,what): what pip is told is the stamp's text.
define install
	@$(PY) -c "$$REQUIREMENTS" $(1) >$@.new
	@if cmp -s $@.new $@; then rm $@.new; touch $@; else \
	echo "Installing into $(VENV) ..." && \
	$(PY) -m pip install --quiet --disable-pip-version-check --requirement $@.new && mv $@.new $@; fi
endef

$(VENV)/.installed: pyproject.toml $(PY)
	$(call install)

# After .installed, so that two pips never work on one environment at a time.
$(VENV)/.installed-dev: pyproject.toml $(PY) $(VENV)/.installed
	$(call install,dev)

$(PY):
	@$(PYTHON) -c '' 2>/dev/null || { echo "$(PYTHON) cannot be run; name a Python from 3.11 on: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit( \
	"llmtaskgraph needs Python 3.11 or newer, and $(PYTHON) is %d.%d; name another: make PYTHON=python3.12 $(MAKECMDGOALS)" % v[:2])'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	echo "$(PYTHON) cannot make environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
	@echo '*' >$(VENV)/.gitignore

# An environment that is broken, half made, or made with another Python than the one asked for is made anew.
VERSION = -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
FOUND := $(shell $(PY) -c 'import pip' 2>/dev/null && $(PY) $(VERSION))
ifeq ($(origin PYTHON),file)
WANTED := $(or $(FOUND),any)
else
WANTED := $(or $(shell $(PYTHON) $(VERSION)),any)
endif
ifneq ($(FOUND),$(WANTED))
.PHONY: $(PY)
endif

# Sets $other and $version to the newest Python that is not the one of .venv, from the path or from pyenv.
define OTHER_PYTHON
here=$$($(PY) $(VERSION)); other=; \
for version in 3.14 3.13 3.12 3.11; do \
[ $$version != "$$here" ] || continue; \
for python in python$$version $$(ls -d "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$$version.*/bin/python$$version 2>/dev/null | sort -rV); do \
if $$python -c 'import ensurepip' 2>/dev/null; then other=$$python; break 2; fi; \
done; done
endef

# Sets $chromium to a browser that pages can be tested in; empty where there is none.
define CHROMIUM
chromium=; for name in chromium chromium-browser google-chrome; do \
if found=$$(command -v $$name); then chromium=$$found; break; fi; done
endef

react-components/node_modules/.installed: react-components/package.json react-components/package-lock.json
	cd react-components && npm ci --no-audit --no-fund && mkdir -p node_modules
	@touch $@
