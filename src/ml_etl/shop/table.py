"""A source table as the catalog sees it: declared columns only, types checked before anything is written."""

from pathlib import Path
from typing import Any

import ibis.expr.types as ir
from kedro.io import AbstractDataset

from ml_etl.contracts import SOURCE
from ml_etl.engine import Engine, engine_of, faults
from ml_etl.errors import SourceUnreachable
from ml_etl.layout import Layout
from ml_etl.shop import files
from ml_etl.shop.declared import declared, empty, require_columns
from ml_etl.shop.kinds import Found, locate


class SourceTable(AbstractDataset[ir.Table, ir.Table]):
    """One table of the shop, lazily.

    Columns outside the source contract (names, e-mails, addresses) are never selected; columns the shop
    lacks are left out. Timestamps with a time zone become UTC. Nothing reads free text before e-mails and
    phone numbers in it are masked; `customer_key` names the key that customer_id is hashed with.

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
        customer_key: str | None = None,
        metadata: dict | None = None,
    ):
        self._shop = shop
        self._source = SOURCE[table]
        self._layout = Layout.of(**layout)
        self._engine = engine
        self._customer_key = customer_key
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
        return empty(self._source)

    def _read(self, engine: Engine, found: Found) -> ir.Table:
        types = found.types or {column.name: column.dtype for column in self._source.columns}
        free_text = bool(self._source.masked or found.mapped)
        table = files.read(engine, found.path, types, free_text)
        return found.mapped(table) if found.mapped else table

    def _declared(self, table: ir.Table, path: Path) -> ir.Table:
        types = dict(table.schema())
        came = {name: str(dtype) for name, dtype in types.items()}
        require_columns(self._source, types, f"{self._source.name} ({path})", came)
        return declared(self._source, table, self._customer_key)

    def _describe(self) -> dict[str, Any]:
        return {"shop": self._shop.get("kind"), "table": self._source.name}
