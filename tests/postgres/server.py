"""A database of its own on a real server, and a role that may only read."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

CANARY = "CANARY:p@ss/w'rd"
"""The reader's password: signs that URLs and queries must quote."""


@dataclass(frozen=True)
class Database:
    """A fresh database; `reader` may connect, and read what `grant` names."""

    admin: str
    name: str
    reader: str = field(default_factory=lambda: f"reader_{uuid.uuid4().hex[:8]}")

    @property
    def url(self) -> str:
        """As its owner."""
        return make_conninfo(self.admin, dbname=self.name)

    def variables(self, password: str = CANARY, **other: Any) -> dict[str, str]:
        """ML_ETL_SOURCE_… of the reader."""
        parts = {**conninfo_to_dict(self.admin), **other}
        given = {"HOST": parts.get("host"), "PORT": parts.get("port"), "DATABASE": self.name}
        given |= {"USER": self.reader, "PASSWORD": password}
        return {f"ML_ETL_SOURCE_{name}": str(value) for name, value in given.items() if value}

    def do(self, *statements: str | sql.Composable) -> None:
        with self.connected() as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.connected() as connection:
            return connection.execute(query).fetchall()

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection]:
        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            yield connection

    def insert(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Rows of plain values; `n` is only their number in the test."""
        for row in rows:
            given = {name: value for name, value in row.items() if name != "n"}
            statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, given)),
                sql.SQL(", ").join(map(sql.Literal, given.values())),
            )
            self.do(statement)

    def grant(self, *tables: str) -> None:
        for table in tables:
            self.do(f'GRANT SELECT ON {table} TO "{self.reader}"')


@contextmanager
def database_on(admin: str) -> Iterator[Database]:
    made = Database(admin, f"shop_{uuid.uuid4().hex[:8]}")
    database, role = sql.Identifier(made.name), sql.Identifier(made.reader)
    with closing(psycopg.connect(admin, autocommit=True)) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(database))
        create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
        server.execute(create.format(role, sql.Literal(CANARY)))
        try:
            yield made
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
            server.execute(sql.SQL("DROP ROLE {}").format(role))


def asks_for_passwords(admin: str) -> bool:
    """Whether the server refuses a wrong password; ours from a wheel is told to, others stay as they are."""
    with database_on(admin) as probe:
        wrong = make_conninfo(probe.url, user=probe.reader, password="wrong")
        try:
            psycopg.connect(wrong).close()
        except psycopg.OperationalError:
            return True
    return False


def column(rows: pa.Table, name: str) -> list[Any]:
    return rows.column(name).to_pylist()
