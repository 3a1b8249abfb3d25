# What a newcomer types: `make lab` opens the tour, `make test` runs every test.

# The first Python that really runs (a pyenv shim may exist and not run).
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3.10 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1 \
	&& { echo "$$p"; break; }; done)
VENV ?= .venv
PORT ?= 8888
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
NOTEBOOK := notebooks/00-tour.ipynb
TOUR_DIR ?= .
IS_ROOT := $(filter 0,$(shell id -u))
# Without a display there is nothing to open: JupyterLab then prints the address.
HAS_DISPLAY := $(or $(filter Darwin,$(shell uname -s)),$(DISPLAY),$(WAYLAND_DISPLAY))

.PHONY: help lab tour test quick bench generate matrix clean

help:
	@echo "make lab        open JupyterLab on the tour (PORT=$(PORT))"
	@echo "make tour       run the tour without a browser, write tour.html"
	@echo "make test       all tests, browser tests included;  make quick: the short ones"
	@echo "make bench      measure against torch;  make matrix: oldest and newest Python and NumPy"
	@echo "make generate   write generated files: docs/compat.md, type stubs, JavaScript bundles"

lab: $(VENV)/.lab
	$(BIN)/jupyter lab --port=$(PORT) $(if $(IS_ROOT),--allow-root) \
		$(if $(HAS_DISPLAY),,--no-browser) --ServerApp.root_dir=. $(LAB_ARGS) \
		--LabApp.default_url=/lab/tree/$(NOTEBOOK)

tour: $(VENV)/.lab
	@echo "running every cell of $(NOTEBOOK); this takes a minute"
	@$(BIN)/jupyter nbconvert --to html --execute --ExecutePreprocessor.kernel_name=python3 \
		--ExecutePreprocessor.extra_arguments=--IPKernelApp.log_level=40 --log-level=ERROR \
		--embed-images --output-dir=$(TOUR_DIR) --output=tour.html $(NOTEBOOK)
	@echo "wrote $(TOUR_DIR)/tour.html"

test: $(VENV)/.dev
	$(BIN)/python tests/run.py all

quick: $(VENV)/.dev
	$(BIN)/python tests/run.py quick

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks $(BENCH_ARGS)$(if $(BENCH_ARGS),,; rows=$$?; \
		$(BIN)/python -m benchmarks.operators --write && exit $$rows)

generate: $(VENV)/.dev
	$(BIN)/python scripts/generate.py

matrix:
	@$(if $(PYTHON),,$(NO_PYTHON)) $(PYTHON) tests/matrix.py

clean:
	rm -rf $(VENV) .venv-* build dist tour.html test-artifacts

$(VENV)/.lab: $(BIN)/python pyproject.toml
	$(PIP) --editable '.[lab,fast]'
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.lab

$(VENV)/.bench: $(VENV)/.dev
	$(PIP) --extra-index-url https://download.pytorch.org/whl/cpu 'torch>=2.13'
	@touch $@

NO_PYTHON = echo "Workbench needs Python 3.10 or newer, and none was found: install one," \
	"or name it: make lab PYTHON=/path/to/python3" >&2; exit 1;

$(BIN)/python:
	@$(if $(PYTHON),,$(NO_PYTHON)) \
	$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) comes without its venv module. Install it, then repeat:" >&2; \
		$(PYTHON) -c 'import sys; print("    sudo apt-get install -y python%d.%d-venv" % sys.version_info[:2])' >&2; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip
