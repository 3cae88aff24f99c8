"""The hand-written SQL of benchmarks/sql, run by DuckDB alone: `python sql_baseline.py TASK.json`.

The settings are the project's own (conf/base/globals.yml), the files it reads are those the project landed.
"""

import json
import os
import sys
import time
from pathlib import Path

import duckdb
from datasets import DATASETS
from engine_settings import memory_limit

SQL = Path(__file__).parent / "sql"


def main(task: dict) -> dict[str, float]:
    """Seconds per output."""
    connection, out, seconds = _connect(task), Path(task["out"]), {}
    for name in DATASETS[task["dataset"]].outputs:
        if name != "csv" or task["csv"]:
            began = time.perf_counter()
            _make(connection, task, name, out)
            seconds[name] = time.perf_counter() - began
    return seconds


def _connect(task: dict) -> duckdb.DuckDBPyConnection:
    settings = {"memory_limit": memory_limit(), "temp_directory": f"{task['out']}/spill"}
    if threads := os.environ.get("ML_ETL_THREADS"):
        settings["threads"] = threads
    connection = duckdb.connect(config=settings)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET VARIABLE as_of = DATE '{task['as_of']}'")
    for table, files in task["landed"].items():
        connection.read_parquet(files).create_view(f"landed_{table}")
    return connection


def _make(connection: duckdb.DuckDBPyConnection, task: dict, name: str, out: Path) -> None:
    dataset = task["dataset"]
    if name == "purchases":
        connection.execute(_sql(_purchases(task)))
        if dataset == "interactions":
            connection.execute(_sql("interactions/days"))
    if (SQL / dataset / f"{name}_tables.sql").exists():
        connection.execute(_sql(f"{dataset}/{name}_tables"))
    if name == "purchases":
        return
    if name == "interactions":
        _write_interactions(connection, out)
    else:
        if name == "also_bought":
            _count_pairs(connection)
        _write(connection, dataset, name, out)


def _purchases(task: dict) -> str:
    """The file that types purchase lines."""
    if task["shop"] == "simulated":
        return "simulated/purchases"
    return "customers/purchases" if task["dataset"] == "customers" else "purchases"


def _write(connection: duckdb.DuckDBPyConnection, dataset: str, name: str, out: Path) -> None:
    path = out / ("interactions_csv.csv" if name == "csv" else f"{name}.parquet")
    form = "FORMAT csv, HEADER" if name == "csv" else "FORMAT parquet, COMPRESSION zstd"
    connection.execute(f"COPY ({_sql(f'{dataset}/{name}')}) TO '{path}' ({form})")
    if name != "csv":
        connection.execute(f"CREATE VIEW {name} AS FROM '{path}'")


def _write_interactions(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """A folder of sorted files, a file per block of customers."""
    folder = out / "interactions"
    folder.mkdir()
    connection.execute(_sql("interactions/interactions_blocks"))
    for number, ends in enumerate(connection.sql("FROM blocks").fetchall()):
        for end, customer in zip(("first", "last"), ends, strict=True):
            connection.execute(f"SET VARIABLE {end} = '{customer}'")
        path = folder / f"part-{number:05d}.parquet"
        connection.execute(
            f"COPY ({_sql('interactions/interactions')}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
        )
    connection.execute(f"CREATE VIEW interactions AS FROM '{folder}/*.parquet'")


def _count_pairs(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_sql("interactions/also_bought_items"))
    (blocks,) = connection.sql("SELECT getvariable('blocks')").fetchone()
    for block in range(blocks or 0):
        connection.execute(f"SET VARIABLE block = {block}")
        connection.execute(_sql("interactions/also_bought_block"))


def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text("utf-8")


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    (Path(given["out"]) / "result.json").write_text(json.dumps({"seconds": main(given)}))
