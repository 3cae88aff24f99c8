"""A source table as the catalog sees it: declared columns only, types checked before anything is written."""

import csv
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from kedro.io import AbstractDataset

from ml_etl.contracts import SOURCE
from ml_etl.engine import Engine, engine_of, faults
from ml_etl.errors import SchemaDrift, SourceUnreachable
from ml_etl.layout import Layout
from ml_etl.shop.kinds import locate


class SourceTable(AbstractDataset[ir.Table, ir.Table]):
    """One table of the shop, lazily.

    Columns outside the source contract (names, e-mails, addresses) are never selected; columns the shop
    lacks are left out. Timestamps with a time zone become UTC.

    Raises:
        SourceUnreachable: the folder or a required file is missing or unreadable.
        SchemaDrift: a required column is missing, or a column has another type.
    """

    def __init__(
        self,
        shop: dict[str, Any],
        table: str,
        layout: dict[str, str],
        engine: dict[str, Any],
        metadata: dict | None = None,
    ):
        self._shop = shop
        self._source = SOURCE[table]
        self._layout = Layout.of(**layout)
        self._engine = engine
        self.metadata = metadata

    def load(self) -> ir.Table:
        engine = engine_of(self._engine, self._layout)
        path = locate(self._shop, self._source.name, self._layout, engine)
        if path is None:
            return self._empty()
        with faults(f"{self._source.name} ({path})"):
            return self._declared(self._read(engine, path), path)

    def save(self, data: ir.Table) -> None:
        raise SourceUnreachable("A shop is only read, never written.")

    def _empty(self) -> ir.Table:
        if self._source.required:
            raise SourceUnreachable(
                f"{self._source.name}: the shop has no such table. Expected {self._source.name}.parquet or "
                f".csv in {self._shop.get('folder')}."
            )
        schema = {column.name: column.dtype for column in self._source.columns}
        return ibis.memtable([], schema=ibis.schema(schema))

    def _read(self, engine: Engine, path: Path) -> ir.Table:
        if path.suffix != ".csv":
            return engine.read_parquet(path)
        with path.open(newline="", encoding="utf-8-sig") as stream:
            header = next(csv.reader(stream), [])
        known = {c.name: c.dtype for c in self._source.columns if c.name in header}
        return engine.read_csv(path, {name: known.get(name, dt.string) for name in header})

    def _declared(self, table: ir.Table, path: Path) -> ir.Table:
        self._check(table, path)
        present = [name for name in self._source.by_name if name in table.columns]
        return table.select(**{name: _utc(table[name]) for name in present})

    def _check(self, table: ir.Table, path: Path) -> None:
        where, have = f"{self._source.name} ({path})", set(table.columns)
        for column in self._source.columns:
            if column.required and column.name not in have:
                raise SchemaDrift(
                    f"{where}: required column {column.name} ({column.type}) is missing; came "
                    f"{', '.join(sorted(have)) or 'no columns'}. Add or rename it in the source."
                )
            if column.name in have and not _fits(table[column.name].type(), column.dtype):
                raise SchemaDrift(
                    f"{where}: column {column.name} expected {column.type}, came "
                    f"{table[column.name].type()}. Cast it in the source ({column.meaning})."
                )
        if self._source.one_of and not have & set(self._source.one_of):
            raise SchemaDrift(
                f"{where}: expected one of the columns {', '.join(self._source.one_of)}; came "
                f"{', '.join(sorted(have))}."
            )

    def _describe(self) -> dict[str, Any]:
        return {"shop": self._shop.get("kind"), "table": self._source.name}


def _fits(came: dt.DataType, expected: dt.DataType) -> bool:
    """Whether a source type carries what is expected; numbers are one family, and so are days and moments."""
    if came.is_null():
        return True
    if expected.is_string():
        return came.is_string()
    if expected.is_temporal():
        return came.is_date() or came.is_timestamp()
    if expected.is_boolean():
        return came.is_boolean()
    return came.is_numeric()


def _utc(column: ir.Column) -> ir.Column:
    dtype = column.type()
    return column.cast("timestamp") if dtype.is_timestamp() and dtype.timezone else column
