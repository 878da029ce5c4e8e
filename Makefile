# Everything runs in .venv, made from uv.lock. On a fresh machine only Python 3.11+, make and git are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# uv installs what the lock file says; pinned, because the lock file's format is its own.
UV_VERSION := 0.13.9
TEXTS ?= texts

.DEFAULT_GOAL := help
.PHONY: test-slow bench bench-arrival bench-scale check clean connect-test dev docs faults format help picture planted refresh report semantic-test serve serve-test superset-test test verify-articles

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

$(READY): uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else f"Python 3.11 or newer is needed; this is {v[0]}.{v[1]}. Try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=1 $(BIN)/uv sync --quiet --locked --compile-bytecode --python $(BIN)/python
	@touch $@

refresh: $(READY)  ## Raw files to published warehouse
	@$(BIN)/chipledger refresh

report: $(READY)  ## The static report of the current build: warehouse/current/site/index.html
	@$(BIN)/chipledger report

picture: $(READY)  ## Draw README's picture from the current build
	@$(BIN)/python -m orchestration.report.picture docs/img/growth.svg

test: $(READY)  ## Tests, but for the slow ones
	@$(BIN)/pytest -n auto -m "not slow"

test-slow: $(READY)  ## Tests that refresh again and again, or run Dagster's daemon
	@$(BIN)/pytest -n auto -m slow

check: $(READY)  ## Format, lint, types, SQL style, SQL portability, generated docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m orchestration.lint
	$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models dbt_project/tests
	$(BIN)/python -m orchestration.docs --check

format: $(READY)  ## Rewrite Python and SQL in the project's style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix --disable-progress-bar dbt_project/models dbt_project/tests

dev: $(READY)  ## Dagster UI on http://127.0.0.1:3000
	@export DAGSTER_HOME=$${DAGSTER_HOME:-$(CURDIR)/warehouse/dagster} && sh deploy/prepare-home.sh && $(BIN)/dagster dev -w deploy/workspace.yaml

verify-articles: $(READY)  ## Hold the claims against the articles' texts: make verify-articles TEXTS=DIR
	@$(BIN)/chipledger verify-articles $(TEXTS)

docs: $(READY)  ## Write the generated parts of docs/
	@$(BIN)/python -m orchestration.docs

bench: $(READY)  ## Where the time of a refresh goes
	@$(BIN)/python benchmarks/refresh_breakdown.py

bench-arrival: $(READY)  ## From a new file in raw/ to published, by a warm daemon
	@$(BIN)/python benchmarks/arrival.py

bench-scale: $(READY)  ## Ten million rows of bulk files: refresh against a hand-written floor
	@$(BIN)/python benchmarks/scale.py

faults: $(READY)  ## Kill refreshes, fill the disk, publish under readers: is anything torn, lost or doubled
	@$(BIN)/python -m tests.faults

planted: $(READY)  ## Files with planted errors in every layout: which are found, which clean ones are blamed
	@$(BIN)/python -m tests.planted

serve: $(READY)  ## SQL endpoint for BI tools: PostgreSQL and pgbouncer on loopback, until Ctrl-C
	@$(BIN)/chipledger serve

serve-test: $(READY)  ## Readers during 50 publishes, 30 killed publishers, attacks, clients
	$(BIN)/python tests/serving/stress.py
	$(BIN)/pytest tests/serving

connect-test: $(READY)  ## Older DuckDBs, Node and duckdb-engine on the published file (downloads them)
	@UV_SYSTEM_CERTS=1 $(BIN)/python tests/connect/run.py

superset-test: $(READY)  ## Import deploy/superset into a real Superset (downloads it)
	test -d $(VENV)-superset || $(BIN)/uv venv --quiet --python $(BIN)/python $(VENV)-superset
	UV_SYSTEM_CERTS=1 $(BIN)/uv pip install --quiet --python $(VENV)-superset/bin/python -r tests/superset/requirements.txt
	@$(BIN)/python tests/superset/run.py $(VENV)-superset

semantic-test: $(READY)  ## Ask a real MetricFlow for every metric, against the marts (downloads it)
	test -d $(VENV)-semantic || $(BIN)/uv venv --quiet --python $(BIN)/python $(VENV)-semantic
	UV_SYSTEM_CERTS=1 $(BIN)/uv pip install --quiet --python $(VENV)-semantic/bin/python -r tests/semantic/requirements.txt
	@$(BIN)/python tests/semantic/run.py $(VENV)-semantic

clean:  ## Remove what was built (not raw/)
	rm -rf warehouse $(VENV) $(VENV)-superset $(VENV)-semantic dbt_project/target dbt_project/logs
