"""What the generated DAGs are made of. Read at every parse: only Airflow's SDK and the standard library."""
