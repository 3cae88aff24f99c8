"""A shop into an empty Postgres: `kedro shop load`."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from ml_etl.contracts import SOURCE
from ml_etl.contracts.columns import Column
from ml_etl.engine import Engine
from ml_etl.engine.postgres.loader import VARIABLE, Loader
from ml_etl.errors import UsageError
from ml_etl.files import digest
from ml_etl.shop.schema import TableSchema, shop_schema


@ibis.udf.scalar.builtin
def chr(code: int) -> str:  # type: ignore[empty-body]
    """The engine's own: NUL can't be written in a query."""


@dataclass(frozen=True)
class Loaded:
    """What became of one table: `state` is loaded, unchanged, or absent (the shop has none)."""

    table: str
    state: str
    rows: int = 0
    notes: tuple[str, ...] = ()


def load_shop(
    tables: dict[str, ir.Table], engine: Engine, schema: str, told: Callable[[str, int, int], None]
) -> Iterator[Loaded]:
    """Fill the schema with the shop's tables, one transaction each; those that are there already stay.

    `told` hears the table, how many rows more have gone, and how many there are.

    Raises:
        UsageError: the schema has such a table which this command did not make.
    """
    with Loader(schema, given=bool(os.environ.get(VARIABLE))) as loader:
        wanted = [declared for name, declared in shop_schema().items() if name in tables]
        marks = {declared.name: loader.loaded(declared.name) for declared in wanted}
        if foreign := [name for name, mark in marks.items() if mark == ""]:
            raise UsageError(
                f"Schema {schema} has tables that `kedro shop load` did not make: {', '.join(foreign)}. They "
                f"stay as they are; name another schema: ML_ETL_SOURCE_SCHEMA=…"
            )
        for declared in wanted:
            yield _load(loader, engine, declared, tables[declared.name], marks[declared.name], told)


def _load(
    loader: Loader,
    engine: Engine,
    declared: TableSchema,
    source: ir.Table,
    before: str | None,
    told: Callable[[str, int, int], None],
) -> Loaded:
    table, columns = declared.name, _present(declared, source)
    rows, content = engine.checksum(source)
    if not rows and not SOURCE[table].required:
        return Loaded(table, "absent")
    mark = digest([declared.create, declared.after, sorted(columns), rows, content])[:16]
    if mark == before:
        return Loaded(table, "unchanged", rows)
    lacking = [name for name in declared.columns if name not in columns]
    create = [declared.create, *(f"ALTER TABLE {table} DROP COLUMN {name}" for name in lacking)]
    after = [text for text in declared.after if not set(_named_in(text)) & set(lacking)]
    outward = _outward(source, columns)
    batches = engine.batches(outward)
    left_out = loader.load(table, create, batches, after, mark, lambda more: told(table, more, rows))
    notes = [f"not made, its rows repeat or lack it: {text}" for text in left_out]
    if replaced := _with_nul(engine, source):
        notes.append(f"{replaced} texts had a NUL, which Postgres can't hold: now U+FFFD")
    return Loaded(table, "loaded", rows, tuple(notes))


def _present(declared: TableSchema, source: ir.Table) -> dict[str, Column]:
    """The declared columns the shop has, by their name in Postgres: written without quotes, so small."""
    found = {name.lower(): column for name, column in SOURCE[declared.name].by_name.items()}
    return {
        name: found[name] for name in declared.columns if name in found and found[name].name in source.columns
    }


def _named_in(statement: str) -> list[str]:
    """The columns of a key or an index."""
    return re.findall(r"\w+", statement[statement.index("(") :])


def _outward(source: ir.Table, columns: dict[str, Column]) -> ir.Table:
    return source.select(**{name: _storable(source[column.name], column) for name, column in columns.items()})


def _storable(value: ir.Value, column: Column) -> ir.Value:
    """The value in exactly the type of its column in Postgres, since rows go over in binary."""
    if column.dtype.is_string():
        return value.cast("string").replace(chr(0), "\ufffd")
    if column.dtype.is_timestamp():
        return value.cast("timestamp").cast("timestamp('UTC')")
    return value.cast(column.dtype)


def _with_nul(engine: Engine, source: ir.Table) -> int:
    texts = [source[name] for name, dtype in source.schema().items() if dtype.is_string()]
    counts = [text.contains(chr(0)).sum().fill_null(0) for text in texts]
    if not counts:
        return 0
    return int(engine.first_row(source.aggregate(found=sum(counts[1:], counts[0])))["found"])
