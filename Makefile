# Two commands do everything on a machine with only Python, make and git:
#   make serve   the environment, then the sandbox (make serve PORT=0 takes a free port)
#   make test    the environment, then every test

PYTHON ?= python3
PORT ?= 4010
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help serve test check bench contract mutants lint types format wheel audit sbom clean

help: ## What can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, and this is " + sys.version.split()[0] + ". Name one: make PYTHON=python3.12 …")'
	@echo "Making an environment in $(VENV), once; this takes about half a minute."
	@$(PYTHON) -m venv $(VENV)

$(INSTALLED): pyproject.toml $(VENV)/bin/pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[postgres]'
	@touch $@

$(INSTALLED_DEV): pyproject.toml $(VENV)/bin/pip
	@echo "Installing what the tests need, once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@ $(INSTALLED)

serve: $(INSTALLED) ## Start the sandbox on PORT (4010)
	@exec $(BIN)/bardge-sandbox serve --port $(PORT)

test: $(INSTALLED_DEV) ## Run every test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

check: $(INSTALLED_DEV) ## Format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED_DEV) ## Measure against the peers, and draw the plots
	$(BIN)/python -m benchmarks

contract: $(INSTALLED_DEV) ## Run the contract suite against a sandbox of its own, at level full
	$(BIN)/python -m tests.contract_run

mutants: $(INSTALLED_DEV) ## Run the suite against every miniature, and publish the kill matrix
	$(BIN)/python -m tests.miniatures

format: $(INSTALLED_DEV) ## Put the code into its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

wheel: $(INSTALLED_DEV) ## Build dist/*.whl, the same bytes every time
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --wheel

audit: $(INSTALLED) ## Ask PyPI whether what is installed has known holes (needs the network)
	@$(PYTHON) -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.10,<3'
	@$(BIN)/python -m pip freeze --exclude-editable > $(VENV)/audit/installed.txt
	@$(VENV)/audit/bin/pip-audit --strict --no-deps --disable-pip --requirement $(VENV)/audit/installed.txt

sbom: $(INSTALLED_DEV) ## List what is inside, as CycloneDX: dist/sbom.cdx.json
	@mkdir -p dist
	$(BIN)/python -m tools.sbom postgres contract > dist/sbom.cdx.json

clean: ## Forget the environment and everything built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
