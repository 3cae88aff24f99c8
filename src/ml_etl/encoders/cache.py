"""Vectors that were made once: a SQLite file, shared by all datasets, shops and processes."""

import contextlib
import datetime as dt
import functools
import hashlib
import json
import operator
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from filelock import FileLock

from ml_etl.errors import Damaged, StoreError
from ml_etl.files import digest
from ml_etl.vectors import ModelCard

_TABLES = """
CREATE TABLE IF NOT EXISTS spaces (space INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, card TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS vectors (
    id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, space INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS used (id INTEGER PRIMARY KEY, day INTEGER NOT NULL);
"""
_WAIT_SECONDS = 120
_PRAGMAS = (
    "page_size = 16384",  # ten vectors of 384 numbers; of the default's size, two would leave a quarter empty
    "journal_mode = WAL",  # readers don't wait for a writer
    "synchronous = NORMAL",
    "cache_size = -64000",  # kilobytes; by default 2,000, of which a page would be read for every vector
    "temp_store = MEMORY",
)
_ROUNDING = 1e-3
_REMEDY = "It holds nothing that can't be made again: delete the file."


def space_of(card: ModelCard) -> str:
    """What a vector depends on beside its content: model, revision, weights, preprocessing, precision."""
    return digest(asdict(card))


class VectorCache:
    """Vectors of one space by the hash of their content.

    The first vector stored under a key stays, so that whoever reads it later gets equal bytes. Each `put`
    is one transaction: what a killed process had put is there, and of what it was putting, nothing.
    """

    def __init__(self, path: Path | None, card: ModelCard):
        """`path`: the file, made where it is missing; None keeps all in memory."""
        self._path = path
        self._card = card
        self.space = space_of(card)
        self._hashed = hashlib.sha256(bytes.fromhex(self.space))

    def key(self, content: bytes) -> bytes:
        """A content's key: sha256 of the space and the content."""
        key = self._hashed.copy()
        key.update(content)
        return key.digest()

    def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Which of the keys have a vector. Notes the day, so that none of them is pruned for its age."""
        with self._asked(keys) as connection:
            rows = connection.execute("SELECT a.key FROM asked a JOIN vectors v ON v.key = a.key")
            found = {key for (key,) in rows}
        self._note_use()
        return found

    def put(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        """Store row i under key i, where there is none yet."""
        rows = np.ascontiguousarray(vectors, dtype="<f4")
        with self._transaction() as connection:
            space = self._space(connection)
            (before,) = connection.execute("SELECT coalesce(max(id), 0) FROM vectors").fetchone()
            values = [(key, space, row.tobytes()) for key, row in zip(keys, rows, strict=True)]
            connection.executemany(
                "INSERT OR IGNORE INTO vectors (key, space, vector) VALUES (?, ?, ?)", values
            )
            connection.execute("INSERT INTO used SELECT id, ? FROM vectors WHERE id > ?", (_today(), before))

    def read(self, keys: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
        """float32 rows × dim, and which keys had a vector; the row of one without is zero."""
        rows = np.zeros((len(keys), self._card.dim), np.float32)
        found = np.zeros(len(keys), bool)
        with self._asked(keys) as connection:
            for position, vector in connection.execute(
                "SELECT a.position, v.vector FROM asked a JOIN vectors v ON v.key = a.key"
            ):
                rows[position] = self._row(vector)
                found[position] = True
        return rows, found

    def check_lengths(self, vectors: np.ndarray) -> None:
        """Raise Damaged unless each of these rows, as they were read, is of length 1."""
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        if broken := int(np.count_nonzero(~(np.abs(lengths - 1) < _ROUNDING))):  # NaN is broken, too
            raise Damaged(f"{self._path}: {broken:,} vectors are not of length 1. {_REMEDY}")

    def _row(self, stored: bytes) -> np.ndarray:
        row = np.frombuffer(stored, "<f4")
        if len(row) != self._card.dim:
            raise Damaged(
                f"{self._path}: a vector of {len(row)} numbers, expected {self._card.dim}. {_REMEDY}"
            )
        return row

    def _space(self, connection: sqlite3.Connection) -> int:
        card = json.dumps(asdict(self._card), sort_keys=True, ensure_ascii=False)
        connection.execute("INSERT OR IGNORE INTO spaces (name, card) VALUES (?, ?)", (self.space, card))
        found = connection.execute("SELECT space FROM spaces WHERE name = ?", (self.space,)).fetchone()
        return int(found[0])

    def _note_use(self) -> None:
        """Keep the day on which the keys asked for were last wanted, for pruning."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE used SET day = ?1 WHERE day < ?1 AND id IN "
                "(SELECT v.id FROM asked a JOIN vectors v ON v.key = a.key)",
                (_today(),),
            )

    @contextlib.contextmanager
    def _asked(self, keys: Sequence[bytes]) -> Iterator[sqlite3.Connection]:
        """The connection, with the keys as its temporary table `asked`: sorted, as the index has them."""
        with faults(self._path):
            connection = self._connection
            connection.execute("DELETE FROM asked")
            connection.executemany(
                "INSERT INTO asked VALUES (?, ?)", sorted(enumerate(keys), key=operator.itemgetter(1))
            )
            connection.commit()
            yield connection

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with faults(self._path), self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    @functools.cached_property
    def _connection(self) -> sqlite3.Connection:
        connection = connect(self._path)
        connection.execute("CREATE TEMP TABLE asked (position INTEGER, key BLOB)")
        return connection


def _today() -> int:
    return dt.datetime.now(dt.UTC).date().toordinal()


def connect(path: Path | None) -> sqlite3.Connection:
    """A connection to the file, with its tables; other processes may have theirs."""
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path or ":memory:", timeout=_WAIT_SECONDS, check_same_thread=False)
    # SQLite doesn't wait where two turn one new file to WAL: it refuses the second at once.
    with FileLock(f"{path}.lock") if path else contextlib.nullcontext():
        for setting in _PRAGMAS:
            connection.execute(f"PRAGMA {setting}")
        connection.executescript(_TABLES)
    return connection


@contextlib.contextmanager
def faults(path: Path | None) -> Iterator[None]:
    """SQLite's and the system's errors as ones that name the file and say what to do."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise StoreError(
            f"Vectors can't be kept in {path} ({error}). Free disk space, make the folder writable, or set "
            f"ML_ETL_DATA; what was encoded before is kept."
        ) from error
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{path}: {error}. {_REMEDY}") from error
