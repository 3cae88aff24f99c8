"""From the `engine` block of globals.yml to the engine of this process."""

import functools
import json
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from ml_etl.engine import duckdb
from ml_etl.errors import UsageError
from ml_etl.layout import Layout

if TYPE_CHECKING:
    from ml_etl.engine.spark import SparkEngine

Engine: TypeAlias = Union[duckdb.DuckDBEngine, "SparkEngine"]


def engine_of(settings: dict[str, Any], layout: Layout) -> Engine:
    """The engine these settings name: {backend, memory_limit, threads, spark: {master, options}}."""
    backend = settings.get("backend", "duckdb")
    if backend not in ("duckdb", "spark"):
        raise UsageError(f"engine.backend in globals.yml: expected duckdb or spark, came {backend!r}.")
    files = duckdb.connect(settings["memory_limit"], settings.get("threads"), layout.spill)
    if backend == "duckdb":
        return files
    spark = settings["spark"]
    return _spark(files, spark["master"], json.dumps(spark.get("options") or {}, sort_keys=True))


@functools.cache
def _spark(files: duckdb.DuckDBEngine, master: str, options: str) -> "SparkEngine":
    from ml_etl.engine.spark import SparkEngine

    return SparkEngine(files, master, json.loads(options))
