"""A source table as the catalog sees it: declared columns only, types checked before anything is written."""

from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from kedro.io import AbstractDataset

from ml_etl.contracts import SOURCE, masking
from ml_etl.engine import Engine, engine_of, faults
from ml_etl.errors import SchemaDrift, SourceUnreachable
from ml_etl.layout import Layout
from ml_etl.shop import files
from ml_etl.shop.kinds import Found, locate


class SourceTable(AbstractDataset[ir.Table, ir.Table]):
    """One table of the shop, lazily.

    Columns outside the source contract (names, e-mails, addresses) are never selected; columns the shop
    lacks are left out. Timestamps with a time zone become UTC. Nothing reads free text before e-mails and
    phone numbers in it are masked.

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
        found = locate(self._shop, self._source.name, self._layout, engine)
        if found is None:
            return self._empty()
        with faults(f"{self._source.name} ({found.path})"):
            return self._declared(self._read(engine, found), found.path)

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

    def _read(self, engine: Engine, found: Found) -> ir.Table:
        types = found.types or {column.name: column.dtype for column in self._source.columns}
        free_text = bool(self._source.masked or found.mapped)
        table = files.read(engine, found.path, types, free_text)
        return found.mapped(table) if found.mapped else table

    def _declared(self, table: ir.Table, path: Path) -> ir.Table:
        self._check(table, path)
        present = [name for name in self._source.by_name if name in table.columns]
        return self._masked(table.select(**{name: _utc(table[name]) for name in present}))

    def _masked(self, table: ir.Table) -> ir.Table:
        """Free text without e-mails and phone numbers, and `pii_found` where there were some."""
        texts = [name for name in self._source.masked if name in table.columns]
        if not texts:
            return table
        found = [masking.has_personal_data(table[name]) for name in texts]
        found += [table[masking.FLAG].fill_null(False)] if masking.FLAG in table.columns else []
        return table.mutate(
            **{name: masking.masked(table[name]) for name in texts}, **{masking.FLAG: ibis.or_(*found)}
        )

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
