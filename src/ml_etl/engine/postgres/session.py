"""One connection on which all that is read is of the same moment, and nothing can be written."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import pyarrow as pa

from ml_etl.engine.postgres.address import source_address
from ml_etl.engine.postgres.columns import OF_SCHEMA, SCHEMAS, PostgresColumn, column_of
from ml_etl.engine.postgres.refusals import denied, refused_connection, refused_reading
from ml_etl.errors import EtlError, UsageError

_BATCH_BYTES = 2_000_000
"""Of a stream's batches, before Arrow: a few of them are in memory at a time."""

Tables = dict[str, dict[str, PostgresColumn]]


class Session:
    """A read-only, repeatable-read transaction: its first query takes the snapshot that all others see.

    `rows_read` counts the rows that came over the connection, by table.

    Raises:
        SourceUnreachable: the server refuses the user; SourceCut: it can't be reached now.
    """

    def __init__(self, statement_timeout_s: int):
        from adbc_driver_postgresql import dbapi  # only runs on Postgres pay for its import

        address = source_address()
        try:
            self._connection = dbapi.connect(address, autocommit=True)
        except dbapi.Error as error:
            raise refused_connection(error) from None
        self._error: type[Exception] = dbapi.Error
        self._schemas: dict[str, Tables] = {}
        self.rows_read: dict[str, int] = defaultdict(int)
        self._begin(statement_timeout_s)

    def _begin(self, statement_timeout_s: int) -> None:
        self._fetch("SELECT set_config('statement_timeout', $1, false)", f"{statement_timeout_s}s")
        self._fetch("SELECT set_config('TimeZone', $1, false)", "UTC")
        self._fetch("SELECT set_config('client_encoding', $1, false)", "UTF8")
        self._do("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        self._connection.adbc_connection.set_autocommit(False)

    def tables(self, schema: str) -> Tables:
        """Tables of a schema with their columns, by name.

        Raises:
            UsageError: there is no such schema; SourceUnreachable: its tables may not be seen.
        """
        if schema not in self._schemas:
            self._require(schema)
            found: Tables = defaultdict(dict)
            for table, name, *rest in self._fetch(OF_SCHEMA, schema):
                found[table][name] = column_of(name, *rest)
            self._schemas[schema] = found
        return self._schemas[schema]

    def _require(self, schema: str) -> None:
        schemas = dict(self._fetch(SCHEMAS))
        if schema not in schemas:
            raise UsageError(
                f"source_schema: the shop's Postgres has no schema {schema!r}; it has {', '.join(schemas)}."
            )
        if not schemas[schema]:
            raise denied(f"schema {schema}")

    @contextlib.contextmanager
    def stream(self, query: str, table: str) -> Iterator[pa.RecordBatchReader]:
        """The query's rows, in batches as they come; errors while they are read are ours."""
        cursor = self._connection.cursor()
        with contextlib.closing(cursor):
            cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)})
            with self._refusals(table):
                cursor.execute(query)
                batches = cursor.fetch_record_batch()
            schema = pa.schema([pa.field(field.name, field.type) for field in batches.schema])
            yield pa.RecordBatchReader.from_batches(schema, self._counted(batches, table))

    def _counted(self, batches: Any, table: str) -> Iterator[pa.RecordBatch]:
        with self._refusals(table):
            for batch in batches:
                self.rows_read[table] += batch.num_rows
                yield batch

    def _fetch(self, query: str, *given: str) -> list[tuple[Any, ...]]:
        with self._refusals("The shop's Postgres"), contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(query, given or None)
            return cursor.fetchall()

    def _do(self, statement: str) -> None:
        with self._refusals("The shop's Postgres"), contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(statement)

    @contextlib.contextmanager
    def _refusals(self, where: str) -> Iterator[None]:
        try:
            yield
        except EtlError:
            raise
        except (self._error, pa.ArrowException, OSError) as error:
            raise refused_reading(error, where) from None

    def close(self) -> None:
        """End the transaction; of a connection that was cut there is nothing to end."""
        with contextlib.suppress(self._error, RuntimeError):
            self._connection.close()


_shared: ContextVar[dict[int, Session] | None] = ContextVar("_shared", default=None)


@contextlib.contextmanager
def one_snapshot() -> Iterator[dict[int, Session]]:
    """Within the block every Postgres table is read by one session, opened by the first that is asked for."""
    sessions: dict[int, Session] = {}
    token = _shared.set(sessions)
    try:
        yield sessions
    finally:
        _shared.reset(token)
        for session in sessions.values():
            session.close()


def session_of(statement_timeout_s: int) -> Session:
    """The block's session; outside of `one_snapshot` a new one."""
    sessions = _shared.get()
    if sessions is None:
        return Session(statement_timeout_s)
    if statement_timeout_s not in sessions:
        sessions[statement_timeout_s] = Session(statement_timeout_s)
    return sessions[statement_timeout_s]
