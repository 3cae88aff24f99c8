"""Small runs made quick: most of their time goes into making SQL of expressions that were there before.

What a run computes does not change: the SQL of an expression equal to an earlier one is looked up. For
expressions to be equal, views of files get the same names in every run, by their columns and order. And
the engine plans its queries without what only pays on large tables.
"""

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from ml_etl.engine import duckdb
from ml_etl.engine.duckdb import DuckDBEngine
from ml_etl.run.runner import PlannedRunner

_ONLY_FOR_LARGE = "join_order,statistics_propagation,join_filter_pushdown,common_subplan"
"""Half of a small query's time."""


@contextlib.contextmanager
def quickly(spill: Path) -> Iterator["Quick"]:
    """Let every run in this process use one such engine."""
    engine = Quick(memory_limit="1GB", threads=1, spill_folder=str(spill))
    before = duckdb.connect, PlannedRunner.run

    def run(self: PlannedRunner, *arguments: Any, **named: Any) -> Any:
        engine.next_run()
        return before[1](self, *arguments, **named)

    duckdb.connect, PlannedRunner.run = (lambda *_: engine), run
    try:
        yield engine
    finally:
        duckdb.connect, PlannedRunner.run = before


class Quick(DuckDBEngine):
    """The engine, with a memory."""

    def __init__(self, **settings: Any):
        super().__init__(**settings)
        self.connection.raw_sql(f"SET disabled_optimizers = '{_ONLY_FOR_LARGE}'")
        self._sql: dict[Any, str] = {}
        self._schemas: dict[pa.Schema, ibis.Schema] = {}
        self._in_memory: dict[Any, bool] = {}
        self._numbers: dict[pa.Schema, Iterator[int]] = {}
        self.hits = self.misses = 0

    def next_run(self) -> None:
        self._numbers = {}

    def read_parquet(self, *paths: Path) -> ir.Table:
        told = pq.read_schema(next(iter(sorted(paths[0].parent.glob(paths[0].name)))))
        kind = list(self._schemas).index(told) if told in self._schemas else len(self._schemas)
        name = f"view_{kind}_{next(self._numbers.setdefault(told, itertools.count()))}"
        files = ", ".join(f"'{path}'" for path in paths)
        self.connection.con.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM read_parquet([{files}], union_by_name=true)"
        )
        schema = self._schemas.get(told)
        if schema is None:
            schema = self._schemas[told] = self.connection.get_schema(name)
        return ops.DatabaseTable(name=name, schema=schema, source=self.connection).to_expr()

    def _query(self, table: ir.Table, sort_by: Sequence[str] = (), unwritten: Sequence[str] = ()) -> str:
        key = (table.op(), tuple(sort_by), tuple(unwritten))
        if key not in self._sql:
            self.misses += 1
            self._sql[key] = super()._query(table, sort_by, unwritten)
        else:
            self.hits += 1
            if self._in_memory.get(key[0]) is not False:
                self.connection._run_pre_execute_hooks(table)
                self._in_memory[key[0]] = bool(key[0].find(ops.InMemoryTable))
        return self._sql[key]

    def collect(self, table: ir.Table) -> Any:
        return self.connection.raw_sql(self._query(table)).to_arrow_table()
