# The project's commands; `make help` lists them. The environment is made on first use and reused.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
AIRFLOW := airflow/.venv
AIRFLOW_READY := $(AIRFLOW)/.ready
SIZES ?= demo
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
.PHONY: help install run test test-fast lint format viz mlflow airflow airflow-env dags docs bench certify lock audit clean

help:  ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-11s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo "Python 3.11 is needed; $(PYTHON) is another. Say which: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@echo "Making $(VENV) from requirements.lock (once; some minutes, about 3.5 GB) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $(READY)

install: $(READY)  ## make the environment (.venv) from the lock

run: $(READY)  ## fetch the demo shop, build and release every dataset
	@$(BIN)/kedro run

test: $(READY)  ## run all tests
	@$(BIN)/pytest -q -n 2 --dist loadfile

test-fast: $(READY)  ## run the tests that take no more than seconds each
	@$(BIN)/pytest -q -n 2 --dist loadfile -m "not slow"

lint: $(READY)  ## ruff, mypy, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)  ## let ruff format the code
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

viz: $(READY)  ## browse the pipelines on http://127.0.0.1:4141
	@$(BIN)/kedro viz run --host 127.0.0.1 --port 4141

mlflow: $(READY)  ## browse the encoders' runs on http://127.0.0.1:5000
	@mkdir -p data/08_reporting
	@MLFLOW_BACKEND_STORE_URI="$${ML_ETL_MLFLOW_URI:-sqlite:///data/08_reporting/mlflow.db}" \
		$(BIN)/mlflow server --host 127.0.0.1 --port 5000

$(AIRFLOW_READY): airflow/requirements.txt airflow/constraints.txt
	@echo "Making $(AIRFLOW) from airflow/requirements.txt (once; a minute or two, about 0.5 GB) ..."
	@$(PYTHON) -m venv $(AIRFLOW)
	@$(AIRFLOW)/bin/python -m pip install --quiet --disable-pip-version-check -r airflow/requirements.txt
	@touch $(AIRFLOW_READY)

airflow-env: $(AIRFLOW_READY)  ## make Airflow's own environment (airflow/.venv)

airflow: $(READY) $(AIRFLOW_READY)  ## start Airflow on http://127.0.0.1:8080
	@airflow/init_airflow.sh
	@$(AIRFLOW)/bin/python airflow/start_airflow.py

dags: $(READY)  ## generate airflow/dags from conf/base/airflow.yml
	@$(BIN)/python airflow/make_dags.py

docs: $(READY)  ## generate docs/data_dictionary.md from the contracts
	@$(BIN)/python -m ml_etl.contracts.dictionary docs/data_dictionary.md

bench: $(READY)  ## measure against SQL and pandas; cost by size (SIZES=demo,hm10,hm); events; 2,000 random histories
	@missed=0; for program in run.py "sizes.py --sizes $(SIZES)" events.py equivalence.py; do \
	    $(BIN)/python benchmarks/$$program || missed=1; \
	done; exit $$missed  # after the last of them

certify: $(READY)  ## run the pipelines on DuckDB and on Spark (Java 17), and compare every table: docs/certificate.md
	@$(BIN)/python benchmarks/certify.py

lock:  ## renew requirements.lock from pyproject.toml in a new environment
	@rm -rf build/lock && $(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install --quiet --disable-pip-version-check -c requirements.lock '.[dev]'
	@{ sed -n '/^#/p' requirements.lock; build/lock/bin/python -m pip freeze --exclude ml_etl | sed -E 's/\+cpu$$//'; } > build/requirements.lock
	@mv build/requirements.lock requirements.lock && rm -rf build/lock

# A pin that can't be looked up fails it too: no answer is not a good one. pip-audit lives in an environment of its
# own, since it is no part of the project.
audit:  ## look every pin of the lock up among the known vulnerabilities (needs the network)
	@test -x build/audit/bin/pip-audit || { $(PYTHON) -m venv build/audit && \
		build/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1; }
	@build/audit/bin/pip-audit --strict --no-deps --disable-pip --progress-spinner off -r requirements.lock

clean:  ## remove caches; data and releases stay
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
