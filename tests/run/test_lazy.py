"""Lazy tables stay lazy: no node runs a query, and rows come into Python only where a pipeline says so."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ibis.backends.duckdb
import pyarrow as pa
import pytest
from kedro.io import DataCatalog
from kedro.pipeline.node import Node

from ml_etl.engine.duckdb import DuckDBEngine
from ml_etl.shop.simulator import Plan, simulate_shop
from tests.conftest import Data

LAZY = ("interactions", "articles", "customers", "timeseries")

ARRAYS = {
    "interactions.units_and_items",  # also_bought's sparse product
    "interactions.matrix_entries",
    "timeseries.history",  # of the series that are forecast
    "customers.histories",  # BG/NBD
    "customers.clustered",  # k-means
}
STREAMED = {
    f"events.{name}" for name in ("table", "sessions", "funnel", "funnel_articles", "daily_counts", "ids")
}
"""Written to a file per day, or to the index, batch by batch: never all of their rows at once."""

ShopOf = Callable[[int], dict[str, str]]


class Witness:
    """What ran where: queries within a node's function, and rows fetched by the dataset that asked."""

    def __init__(self) -> None:
        self.node: str | None = None
        self.dataset = "the plan"
        self.queries = 0
        self.in_nodes: list[str] = []
        self.fetched: dict[str, int] = defaultdict(int)

    def query(self, text: Any) -> None:
        if str(text).lstrip().startswith(("CREATE OR REPLACE TEMPORARY VIEW", "CREATE VIEW", "SET ")):
            return  # the name of a file's rows, which nobody reads by that
        self.queries += 1
        if self.node:
            self.in_nodes.append(f"{self.node}: {str(text)[:80]}")


@pytest.fixture
def shop_of(tmp_path: Path) -> ShopOf:
    """Simulates a shop of so many purchase lines, and tells a run where it is."""

    def simulated(lines: int) -> dict[str, str]:
        folder = tmp_path / f"shop-{lines}"
        simulate_shop(Plan(lines, seed=7, events=3_000, reviews=100), folder, False, lambda *_: None)
        return {"shop_folder": str(folder), "shop_timezone": "Europe/Stockholm"}

    return simulated


@pytest.fixture
def witness(monkeypatch: pytest.MonkeyPatch) -> Iterator[Witness]:
    seen = Witness()

    def around(owner: type, name: str, before: Any = None, after: Any = None) -> None:
        original = getattr(owner, name)

        def watched(self: Any, *args: Any, **named: Any) -> Any:
            undo = before(self, *args) if before else None
            try:
                result = original(self, *args, **named)
                return after(result) if after else result
            finally:
                if undo:
                    undo()

        monkeypatch.setattr(owner, name, watched)

    def into_node(node: Node, *_: Any) -> Any:
        seen.node = node.name
        return lambda: setattr(seen, "node", None)

    def into_dataset(_catalog: DataCatalog, name: str, *_: Any) -> Any:
        former, seen.dataset = seen.dataset, name
        return lambda: setattr(seen, "dataset", former)

    def query(_backend: Any, text: Any, *_: Any) -> None:
        seen.query(text)

    def collected(table: pa.Table) -> pa.Table:
        seen.fetched[seen.dataset] += table.num_rows
        return table

    def streamed(batches: Any) -> Iterator[pa.RecordBatch]:
        where = seen.dataset
        for batch in batches:
            seen.fetched[where] += batch.num_rows
            yield batch

    around(Node, "run", before=into_node)
    for name in ("save", "load"):
        around(DataCatalog, name, before=into_dataset)
    for name in ("raw_sql", "to_pyarrow", "to_pyarrow_batches", "execute"):
        around(ibis.backends.duckdb.Backend, name, before=query)
    around(DuckDBEngine, "collect", after=collected)
    for name in ("batches", "keys"):
        around(DuckDBEngine, name, after=streamed)
    return seen


@pytest.mark.slow
def test_no_node_runs_a_query_and_rows_come_into_python_where_a_pipeline_says_so(
    data: Data, shop_of: ShopOf, witness: Witness
) -> None:
    """Nodes build tables, the catalog runs them. Purchase lines anywhere else would be thousands of rows."""
    data.run(*LAZY, "events", env="files", **shop_of(20_000))
    assert witness.queries > 100
    assert witness.in_nodes == []
    many = {name for name, rows in witness.fetched.items() if rows > 1_000}
    assert many <= ARRAYS | STREAMED
    assert witness.fetched["interactions.units_and_items"] > 10_000  # it is counted at all


@pytest.mark.slow
def test_a_larger_shop_takes_no_more_queries(
    data: Data, shop_of: ShopOf, witness: Witness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    counts = []
    for lines in (4_000, 20_000):
        monkeypatch.setenv("ML_ETL_DATA", str(tmp_path / str(lines)))
        before = witness.queries
        data.run(*LAZY, env="files", **shop_of(lines))
        counts.append(witness.queries - before)
    assert counts[0] == counts[1]
