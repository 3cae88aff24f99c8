"""From the `engine` block of globals.yml to the engine of this process."""

from typing import Any

from ml_etl.engine import duckdb
from ml_etl.errors import UsageError
from ml_etl.layout import Layout

Engine = duckdb.DuckDBEngine


def engine_of(settings: dict[str, Any], layout: Layout) -> Engine:
    """The engine these settings name: {backend, memory_limit, threads}."""
    backend = settings.get("backend", "duckdb")
    if backend != "duckdb":
        raise UsageError(f"engine.backend in globals.yml: expected duckdb, came {backend!r}.")
    return duckdb.connect(settings["memory_limit"], settings.get("threads"), layout.spill)
