#!/usr/bin/env bash
# Make Airflow ready; see init_airflow.py.
cd "$(dirname "$0")" && exec "${ML_ETL_AIRFLOW_PYTHON:-.venv/bin/python}" init_airflow.py "$@"
