# Everything a developer runs; `make` alone lists it. Only `demo`, `test` and `lock` may need the network.
.DEFAULT_GOAL := help
.PHONY: help demo test check lint format types contracts bench lock sbom clean
PYTHON ?= python3
BIN := .venv/bin
UV := $(or $(wildcard $(BIN)/uv),uv)
LOCK := $(UV) pip compile pyproject.toml - --universal --python-version 3.11 --generate-hashes --fork-strategy fewest \
	--no-emit-index-url --no-emit-find-links --no-header --quiet $(ARGS)
BUILD_NEEDS := $(PYTHON) -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['build-system']['requires'], sep='\n')"

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Install what is missing and start the sample town (ARGS="--fresh --port 8200")
	$(PYTHON) -m bot.bootstrap demo $(ARGS)

test: ## Install what is missing and run every gate (ARGS go to pytest)
	$(PYTHON) -m bot.bootstrap test $(ARGS)

check: lint types contracts ## The quick gates: no test is run

lint: ## Lint, and see that the formatting is ruff's
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: ## Mend what the linter and the formatter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: ## Check the types (mypy --strict)
	$(BIN)/mypy

contracts: ## Check that imports point down
	$(BIN)/lint-imports --no-logo

bench: ## Measure this machine (ARGS="NAME" for one)
	$(BIN)/huying bench $(ARGS)

lock: ## Pin both requirements files anew after pyproject.toml changed (needs uv; ARGS=--upgrade for newer versions)
	$(BUILD_NEEDS) | $(LOCK) --extra dev --output-file requirements-dev.txt
	$(BUILD_NEEDS) | $(LOCK) --constraints requirements-dev.txt --output-file requirements.txt

sbom: ## Write a bill of materials of what is locked (CycloneDX) to huying.cdx.json
	$(BIN)/python -m tests.tools.make_sbom > huying.cdx.json || { rm -f huying.cdx.json; false; }

clean: ## Remove caches and build leftovers; the town's data and .venv stay
	rm -rf build dist *.egg-info huying.cdx.json .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
