# Thin names for the commands; everything works without make too (see CONTRIBUTING.md).
# The environment in .venv is made by manage.py itself, from requirements/dev.txt.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-fast test-calendar env check lint types layers templates house format bench pictures lock compose-check clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: ## Run the whole platform on this machine (Ctrl-C stops it)
	$(PYTHON) manage.py demo

test: ## Run the tests on servers of their own, but for the long ones
	$(PYTHON) manage.py test

test-all: ## Run all tests
	$(PYTHON) manage.py test --all

test-fast: ## Run the tests that need no database, no outside world and no browser: more than half of all, in a minute
	$(PYTHON) manage.py test -m "not slow"

test-calendar: env ## Run the tests without a browser on days that programs get wrong (needs faketime; an hour)
	@$(BIN)/python -m stack.other_days $(ARGS)

env: ## Make .venv with everything for development
	@$(PYTHON) manage.py test --version

check: env lint types layers templates house ## All checks that need no running servers but the tests' own

lint: ## Style and likely mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: ## Static types, strict
	$(BIN)/mypy .

layers: ## Imports run downwards only
	$(BIN)/lint-imports

templates: ## Templates
	$(BIN)/djlint templates --lint --quiet

house: ## The rules of the house: sizes, names, rooms, wiring
	$(PYTHON) manage.py test tests/house -q -p no:cacheprovider -n 0

format: ## Mend what can be mended by a machine
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: env ## Measure the hot paths against what their own statements allow; writes var/bench.json
	@$(BIN)/python -m benchmarks

pictures: env ## Take the pictures of the documentation anew, from a running demo
	$(BIN)/python docs/pictures/take.py

lock: ## Write the pinned and hashed requirements anew (needs uv)
	uv export --quiet --format requirements-txt --no-emit-project --no-dev -o requirements/server.txt
	uv export --quiet --format requirements-txt --no-emit-project --no-dev --extra demo -o requirements/demo.txt
	uv export --quiet --format requirements-txt --no-emit-project --extra demo -o requirements/dev.txt

compose-check: ## Every command and variable of docker-compose.yml exists
	$(PYTHON) manage.py test tests/stack/test_compose.py -q -n 0

clean: ## Remove caches; data in var/ stays
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
