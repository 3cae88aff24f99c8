"""A table's rows in Postgres, lazily: which of them are asked for, and what is done to them on the way in."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import ibis
import ibis.expr.datatypes as dtypes
import ibis.expr.types as ir

from ml_etl.engine.config import Engine
from ml_etl.engine.postgres.columns import PostgresColumn
from ml_etl.engine.postgres.session import Session
from ml_etl.errors import EtlError


@ibis.udf.scalar.builtin
def isfinite(moment: dt.datetime) -> bool:  # type: ignore[empty-body]
    """Postgres' own: its dates may be infinite, and nobody else's."""


_NEVER_SELECTED: dict[str, dtypes.DataType] = {"": dtypes.null}
"""Of all columns Ibis knows of a table it makes `SELECT *`, and with it comes what it was not told of: names,
e-mails. One more column, which no table can have, keeps it from doing so."""


@dataclass(frozen=True)
class PostgresRows:
    """Rows of one table, by the columns of it that are asked for: their names here to Postgres' columns.

    `inward` is applied, in our own engine, to the stream before anything is stored.
    """

    session: Session
    schema: str
    table: str
    selected: Mapping[str, PostgresColumn]
    inward: Callable[[ir.Table], ir.Table] = field(default=lambda table: table)
    cursor: str | None = None
    since: dt.datetime | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """What landing gets, with what `inward` adds."""
        types = {name: _plain_type(column.dtype) for name, column in self.selected.items()}
        return tuple(self.inward(ibis.table(ibis.schema(types), name=self.table)).columns)

    def from_then(self, cursor: str, since: dt.datetime) -> "PostgresRows":
        """The rows whose cursor is at or after `since`, and those without one."""
        return replace(self, cursor=cursor, since=since)

    @property
    def query(self) -> str:
        """The statement, compiled from an expression: names and values are quoted by the compiler."""
        columns = {column.name: column.dtype for column in self.selected.values()} | _NEVER_SELECTED
        table = ibis.table(ibis.schema(columns), name=self.table, database=self.schema)
        rows = self._window(table)
        chosen = {name: _plain(rows[column.name]) for name, column in self.selected.items()}
        return str(ibis.to_sql(rows.select(**chosen), dialect="postgres"))

    def _window(self, table: ir.Table) -> ir.Table:
        if self.cursor is None or self.since is None:
            return table
        column = table[self.selected[self.cursor].name]
        return table.filter((column >= _bound(column, self.since)) | column.isnull())

    def write(self, engine: Engine, path: Path) -> None:
        """Stream the rows into a Parquet file."""
        with (
            self.session.stream(self.query, self.table) as batches,
            engine.streamed(batches) as (rows, failed),
        ):
            try:
                engine.write_parquet(self.inward(rows), path)
            except Exception:
                if failed and isinstance(failed[0], EtlError):
                    raise failed[0] from None  # the engine only says that its input broke
                raise


def _plain_type(dtype: dtypes.DataType) -> dtypes.DataType:
    """The type that a column comes over the connection as: one that every engine has."""
    if dtype.is_uuid():
        return dtypes.string
    return dtypes.float64 if dtype.is_decimal() else dtype


def _plain(column: ir.Column) -> ir.Column:
    dtype = column.type()
    if _plain_type(dtype) != dtype:
        return column.cast(_plain_type(dtype))
    if dtype.is_date() or dtype.is_timestamp():
        return ibis.ifelse(isfinite(column), column, ibis.null(dtype))
    return column


def _bound(column: ir.Column, since: dt.datetime) -> ir.Scalar:
    """`since` (UTC) in the column's own type; of a date column, the whole day counts."""
    if column.type().is_date():
        return ibis.literal(since.date())
    return ibis.literal(since.replace(tzinfo=dt.UTC)) if column.type().timezone else ibis.literal(since)
