-- Beside Airflow's own database, on a fresh server: one for MLflow, one for etl_runs.
CREATE DATABASE mlflow;
CREATE DATABASE ml_etl;
