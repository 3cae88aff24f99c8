"""What a landing looks at of its source: a lazy table, or rows of a server fetched into a file first."""

import contextlib
import datetime as dt
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import ibis
import ibis.expr.types as ir

from ml_etl.engine.config import Engine
from ml_etl.engine.postgres import PostgresRows

Source: TypeAlias = ir.Table | PostgresRows


@dataclass(frozen=True)
class Incoming:
    """The rows, to be looked at as often as need be; `file` holds them where they were fetched."""

    engine: Engine
    table: ir.Table
    file: Path | None = None

    def write(self, path: Path) -> None:
        """Store the rows at `path`; fetched ones are only moved there."""
        if self.file:
            os.replace(self.file, path)  # noqa: PTH105 -- one system call, and named as such
        else:
            self.engine.write_parquet(self.table, path)


@contextlib.contextmanager
def incoming(
    engine: Engine, source: Source, folder: Path, cursor: str | None = None, since: str | None = None
) -> Iterator[Incoming]:
    """The source's rows whose cursor is at or after `since`, and those without one; else all of them."""
    if not isinstance(source, PostgresRows):
        yield Incoming(engine, from_then(source, cursor, since) if cursor and since else source)
        return
    file = folder / f".{uuid.uuid4().hex[:12]}.parquet.fetched"
    asked = source.from_then(cursor, dt.datetime.fromisoformat(since)) if cursor and since else source
    try:
        asked.write(engine, file)
        yield Incoming(engine, engine.read_parquet(file), file)
    finally:
        file.unlink(missing_ok=True)


def from_then(table: ir.Table, cursor: str, since: str) -> ir.Table:
    """Rows at or after `since`, and undated ones."""
    return table.filter((table[cursor] >= literal(table, cursor, since)) | table[cursor].isnull())


def literal(table: ir.Table, column: str, iso: str) -> ir.Scalar:
    """`iso` in the column's own type; of a date column, the whole day of the mark counts."""
    moment = dt.datetime.fromisoformat(iso)
    return ibis.literal(moment.date() if table[column].type().is_date() else moment)
