"""Filling a Postgres: a table with its rows, keys and indexes, whole or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
from psycopg import sql

from ml_etl.engine.postgres.address import address_in, source_address
from ml_etl.engine.postgres.refusals import refused_connection, refused_writing

VARIABLE = "ML_ETL_LOAD_URL"
_MARK = "loaded by ml_etl: "
_FOUND = """
SELECT coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2
"""
_INDEXES = """
SELECT count(*)
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2
"""


class Loader:
    """A connection that may create tables: ML_ETL_LOAD_URL, else that of the shop.

    Raises:
        SourceUnreachable: the server refuses the user, can't be reached, or can't store what it is given.
    """

    def __init__(self, schema: str, given: bool):
        from adbc_driver_postgresql import dbapi

        self._error: type[Exception] = dbapi.Error
        self._schema = schema
        address = address_in(VARIABLE) if given else source_address()
        try:
            self._connection = dbapi.connect(address, autocommit=False)
        except dbapi.Error as error:
            raise refused_connection(error) from None

    def loaded(self, table: str) -> str | None:
        """What `load` said of the table: "" where somebody else made it, None where there is none."""
        with self._refusals(table), contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(_FOUND, (self._schema, table))
            found = cursor.fetchall()
            self._connection.rollback()
        if not found:
            return None
        return found[0][0].removeprefix(_MARK) if found[0][0].startswith(_MARK) else ""

    def load(
        self,
        table: str,
        create: Sequence[str],
        rows: pa.RecordBatchReader,
        after: Sequence[str],
        mark: str,
        told: Callable[[int], None],
    ) -> list[str]:
        """Make the table of these rows in the place of what `load` made before; gives the statements of
        `after` that its rows don't allow (a key that repeats). `told` hears how many rows have gone out."""
        with self._refusals(table):
            self._do(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self._schema)))
            self._do(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(self._schema)))
            self._do(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))
            for statement in create:
                self._do(statement)
            self._copy(table, rows, told)
            left_out = [statement for statement in after if not self._allowed(table, statement)]
            says = sql.SQL("COMMENT ON TABLE {} IS {}")
            self._do(says.format(sql.Identifier(table), sql.Literal(_MARK + mark)))
            self._do(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
            self._connection.commit()
        return left_out

    def _copy(self, table: str, rows: pa.RecordBatchReader, told: Callable[[int], None]) -> None:
        def counted() -> Iterator[pa.RecordBatch]:
            for batch in rows:
                yield batch
                told(batch.num_rows)

        stream = pa.RecordBatchReader.from_batches(rows.schema, counted())
        with contextlib.closing(self._connection.cursor()) as cursor:
            cursor.adbc_ingest(table, stream, mode="append", db_schema_name=self._schema)

    def _allowed(self, table: str, statement: str) -> bool:
        """Run a statement of schema.sql that makes an index, unless the rows forbid it; says whether it did.

        The server catches the refusal: the driver gives up the transaction with any error it sees.
        """
        before = self._indexes(table)
        self._do(
            f"DO $do$ BEGIN {statement}; "
            f"EXCEPTION WHEN unique_violation OR not_null_violation THEN NULL; END $do$"
        )
        return self._indexes(table) > before

    def _indexes(self, table: str) -> int:
        with contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(_INDEXES, (self._schema, table))
            return int(cursor.fetchall()[0][0])

    def _do(self, statement: str | sql.Composable) -> None:
        text = statement if isinstance(statement, str) else statement.as_string(None)
        with contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(text)

    @contextlib.contextmanager
    def _refusals(self, table: str) -> Iterator[None]:
        try:
            yield
        except (self._error, pa.ArrowException, OSError) as error:
            with contextlib.suppress(self._error):
                self._connection.rollback()
            raise refused_writing(error, f"{self._schema}.{table}") from None

    def __enter__(self) -> Loader:
        return self

    def __exit__(self, *_: Any) -> None:
        with contextlib.suppress(self._error, RuntimeError):
            self._connection.close()
