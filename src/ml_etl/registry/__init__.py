"""etl_runs: one row per run and dataset, in SQLite by default, in Postgres in production."""
