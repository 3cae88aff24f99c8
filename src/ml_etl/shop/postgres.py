"""A table of a shop in Postgres as the catalog sees it: declared columns only, checked before it is read."""

from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from kedro.io import AbstractDataset

from ml_etl.contracts import SOURCE
from ml_etl.engine import PostgresRows, session_of
from ml_etl.engine.postgres.columns import PostgresColumn
from ml_etl.engine.postgres.refusals import denied
from ml_etl.errors import SchemaDrift, SourceUnreachable
from ml_etl.shop.declared import declared, empty, require_columns


class PostgresTable(AbstractDataset[None, PostgresRows | ir.Table]):
    """One table or view of the schema, lazily: landing streams it, whole or from its cursor on.

    The server is named by ML_ETL_SOURCE_URL, or ML_ETL_SOURCE_HOST, _DATABASE, _USER, _PASSWORD. A column is
    found by its name, else by its name in small letters. Optional columns this user may not read are left out
    as if the shop had none.

    Raises:
        SourceUnreachable: the server can't be reached, or refuses the user or the table.
        SchemaDrift: a required table or column is missing, or a column has another type.
        UsageError: no server is named, or it has no such schema.
    """

    def __init__(
        self,
        table: str,
        schema: str,
        statement_timeout_s: int,
        customer_key: str | None = None,
        metadata: dict | None = None,
    ):
        self._source = SOURCE[table]
        self._schema = schema
        self._statement_timeout_s = statement_timeout_s
        self._customer_key = customer_key
        self.metadata = metadata

    def load(self) -> PostgresRows | ir.Table:
        session = session_of(self._statement_timeout_s)
        tables = session.tables(self._schema)
        if self._source.name not in tables:
            return self._empty(sorted(set(tables) & set(SOURCE)))
        columns = self._columns(tables[self._source.name])
        return PostgresRows(
            session,
            self._schema,
            self._source.name,
            columns,
            lambda stream: declared(self._source, stream, self._customer_key),
        )

    def save(self, data: None) -> None:
        raise SourceUnreachable("A shop is only read, never written.")

    @property
    def _where(self) -> str:
        return f"{self._schema}.{self._source.name}"

    def _empty(self, have: list[str]) -> ir.Table:
        if self._source.required:
            raise SchemaDrift(
                f"{self._where}: the shop's Postgres has no such table; it has {', '.join(have) or 'none'}. "
                f"Is source_schema={self._schema} right?"
            )
        return empty(self._source)

    def _columns(self, found: dict[str, PostgresColumn]) -> dict[str, PostgresColumn]:
        """The declared columns that are there and may be read, by the contract's names."""
        if not any(column.readable for column in found.values()):
            raise denied(self._where)
        there = {name: column for name in self._source.by_name if (column := _named(found, name))}
        for name, column in there.items():
            if self._source.by_name[name].required and not column.readable:
                raise denied(f"{self._where}, column {column.name}")
        columns = {name: column for name, column in there.items() if column.readable}
        types = {name: _read_as(column) for name, column in columns.items()}
        came = {name: column.declared for name, column in columns.items()}
        require_columns(self._source, types, self._where, came)
        return columns

    def _describe(self) -> dict[str, Any]:
        return {"shop": "postgres", "table": self._where}  # never the address: it may hold a password


def _named(found: dict[str, PostgresColumn], name: str) -> PostgresColumn | None:
    return found.get(name) or found.get(name.lower())


def _read_as(column: PostgresColumn) -> dt.DataType:
    return dt.string if column.dtype.is_uuid() else column.dtype
