"""Digests of tables, equal for equal rows in any order and any files: JSON of files by table comes in."""

import json
import sys

import duckdb

for table, files in json.load(sys.stdin).items():
    if files and files[0].endswith(".parquet"):
        rows = f"SELECT count(*), sum(hash(row)::HUGEINT) FROM read_parquet({files}) row"
        print(table, *duckdb.sql(rows).fetchone())
