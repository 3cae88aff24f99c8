"""What the generated DAGs are made of. Imported at every parse: Airflow's SDK and the standard library only."""
