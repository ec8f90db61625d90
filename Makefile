# Routing ML: the commands a person types. 'make' alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.requirements-installed
INSTALL_LOG := $(VENV)/install.log
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null
# The first interpreter that is new enough; name another one with 'make run PYTHON=/path/to/python'.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python $(NEW_ENOUGH) && { echo $$python; exit; }; done; echo python3)

.PHONY: help run test check bench faults install clean lock

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/'

run: install ## Start the server on port 8000, with a demo plant and a first model if there are none
	@scripts/user_interface.sh build
	@exec $(BIN)/routing-ml serve --prepare

test: check ## Install, check and run all tests
	@scripts/user_interface.sh test
	@$(BIN)/pytest -q --numprocesses 2 --dist loadfile

check: install ## Check format, lint, types, layers and dead code
	@echo "Checking format, lint, types, layers and dead code ..."
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports > $(VENV)/lint-imports.log 2>&1 || { cat $(VENV)/lint-imports.log; exit 1; }
	@$(BIN)/vulture
	@echo "All checks passed."

bench: install ## Measure, and write docs/benchmarks.md; PARTS="speed scale" and OPTIONS="--items 20000" choose
	@$(BIN)/python -m benchmarks $(PARTS) $(OPTIONS)

faults: install ## Kill, fill up and damage installations on purpose, all of it: about a quarter of an hour
	@$(BIN)/python -m benchmarks.faults $(OPTIONS)

install: $(STAMP)

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) $(NEW_ENOUGH) || { echo "Routing ML needs Python 3.11 or newer; $(PYTHON) is '$$($(PYTHON) --version 2>&1)'." \
		"Install one, or name it: make run PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Could not create $(VENV)." \
		"On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }
	@echo "Installing the packages of requirements.txt into $(VENV) (some minutes the first time; log: $(INSTALL_LOG)) ..."
	@$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt > $(INSTALL_LOG) 2>&1 \
		|| { cat $(INSTALL_LOG) >&2; echo "The installation failed; the lines above say why." >&2; exit 1; }
	@touch $(STAMP)

clean: ## Remove installed packages, builds and caches; models, data, logs and configuration stay
	@rm -rf frontend-prediction/{node_modules,dist,test-results,.e2e}
	@rm -rf $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Removed $(VENV), the built user interface and the caches."

lock: install ## Resolve pyproject.toml again and rewrite requirements.txt
	@{ echo "# The exact versions that are tested; made from pyproject.toml by 'make lock'."; echo "-e ."; \
		$(BIN)/uv pip compile pyproject.toml --extra dev --universal --no-header --no-emit-index-url --no-annotate --quiet \
		| grep -v '^pip=='; } > $(VENV)/requirements.new
	@mv $(VENV)/requirements.new requirements.txt
	@echo "requirements.txt is rewritten; 'make test' before committing it."
