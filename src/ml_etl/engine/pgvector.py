"""Vectors in Postgres, by the extension pgvector: written whole, searched by its HNSW index."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import psycopg
from pgvector.psycopg import register_vector
from psycopg import sql

from ml_etl.errors import SourceUnreachable, UsageError

_M, _EF_CONSTRUCTION, _EF_SEARCH = 16, 128, 200


class VectorTable:
    """One table of vectors: id, text, the ids of equal content, the release they are from, the vector."""

    def __init__(self, url: str, name: str):
        self._url = url
        self._name = name

    def publish(
        self,
        ids: Sequence[str],
        texts: Sequence[str],
        also: Sequence[list[str]],
        vectors: np.ndarray,
        version: str,
    ) -> int:
        """Take the table's place with these rows (vectors: rows × dim, unit length), whole or not at all.

        Readers see the former rows until all is written and indexed. Gives the number of rows.
        """
        new = sql.Identifier(f"{self._name}_new")
        with self._connected() as connection, connection.transaction():
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            register_vector(connection)
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(new))
            connection.execute(_CREATE.format(new, sql.Literal(vectors.shape[1])))
            self._copy(connection, new, zip(ids, texts, also, vectors, strict=True), version)
            self._index(connection, new)
            self._take_place(connection, new)
        return len(ids)

    def nearest(self, vector: np.ndarray, top: int) -> list[tuple[str, float, str]]:
        """(id, cosine, text) of the nearest rows, best first.

        Raises:
            UsageError: nothing is published there.
        """
        with self._connected() as connection, connection.transaction():
            try:
                register_vector(connection)
                connection.execute(sql.SQL("SET LOCAL hnsw.ef_search = {}").format(sql.Literal(_EF_SEARCH)))
                rows = connection.execute(_NEAREST.format(sql.Identifier(self._name)), (vector, vector, top))
                return [(i, round(float(cosine), 6), text) for i, cosine, text in rows]
            except (psycopg.errors.UndefinedTable, psycopg.ProgrammingError) as error:
                raise UsageError(
                    f"Postgres has no vectors {self._name} ({_first_line(error)}). Write them with "
                    f"`kedro vectors publish`."
                ) from error

    def _copy(self, connection: psycopg.Connection, new: sql.Identifier, rows: Any, version: str) -> None:
        names = sql.SQL("COPY {} (id, text, equal, version, vector) FROM STDIN (FORMAT binary)").format(new)
        with connection.cursor().copy(names) as copy:
            copy.set_types(["text", "text", "text[]", "text", "vector"])
            for number, text, also, vector in rows:
                copy.write_row((number, text.replace("\0", ""), list(also), version, vector))

    def _index(self, connection: psycopg.Connection, new: sql.Identifier) -> None:
        """Built after the rows are in, in memory, by one worker: many times faster than row by row."""
        connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
        connection.execute("SET LOCAL max_parallel_maintenance_workers = 0")
        connection.execute(_INDEX.format(new, sql.Literal(_M), sql.Literal(_EF_CONSTRUCTION)))

    def _take_place(self, connection: psycopg.Connection, new: sql.Identifier) -> None:
        name = sql.Identifier(self._name)
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
        connection.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(new, name))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        try:
            connection = psycopg.connect(self._url, autocommit=True, connect_timeout=10)
        except psycopg.Error as error:
            raise SourceUnreachable(
                f"Postgres at ML_ETL_VECTORS_URL can't be reached ({type(error).__name__}). Look at its "
                f"host, port, database, user and password."  # the driver's own text may repeat them
            ) from None
        with contextlib.closing(connection):
            yield connection


_CREATE = sql.SQL(
    "CREATE TABLE {} (id text PRIMARY KEY, text text NOT NULL, equal text[] NOT NULL, version text NOT NULL, "
    "vector vector({}) NOT NULL)"
)
_INDEX = sql.SQL(
    "CREATE INDEX ON {} USING hnsw (vector vector_cosine_ops) WITH (m = {}, ef_construction = {})"
)
_NEAREST = sql.SQL("SELECT id, 1 - (vector <=> %s), text FROM {} ORDER BY vector <=> %s, id LIMIT %s")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
