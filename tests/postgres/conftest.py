"""A real Postgres: a database per test, a reader's environment, and a shop's tables in it."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from filelock import FileLock

from tests.postgres.server import Database, asks_for_passwords, database_on

_RULE = "local all all scram-sha-256\n"


@pytest.fixture(scope="session")
def guarded(postgres_url: str) -> Iterator[str]:
    """The server, which asks every user but its own superuser for a password where we may tell it to."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        (file,), (owner,) = (
            server.execute(query).fetchone()  # type: ignore[misc]
            for query in ("SELECT current_setting('hba_file')", "SELECT current_user")
        )
        rules = Path(file)
        if "/pg-" in file and rules.exists():  # the wheel's own, in a folder of this test run
            with FileLock("/tmp/ml_etl-pg_hba.lock"):
                former = rules.read_text()
                if _RULE not in former:
                    rules.write_text(f"local all {owner} trust\n{_RULE}{former}")
                    server.execute("SELECT pg_reload_conf()")
                    server.execute("SELECT pg_sleep(0.2)")
    yield postgres_url


@pytest.fixture
def database(guarded: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """An empty database, and the environment of its reader."""
    with database_on(guarded) as made:
        for name, value in made.variables().items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("ML_ETL_SOURCE_URL", raising=False)
        monkeypatch.delenv("ML_ETL_SOURCE_SCHEMA", raising=False)
        yield made


@pytest.fixture
def passwords(guarded: str) -> None:
    """Only where the server asks for passwords."""
    if not asks_for_passwords(guarded):
        pytest.skip("this server trusts everybody: a wrong password is none")


@pytest.fixture
def small(database: Database) -> Database:
    """A shop's three tables, each with a row, readable by the reader."""
    database.do(
        "CREATE TABLE articles (article_id text, prod_name text)",
        "CREATE TABLE customers (customer_id text, age int, first_name text, email text, password text)",
        "CREATE TABLE transactions (t_dat date, customer_id text, article_id text, price float8)",
        "CREATE INDEX ON transactions (t_dat)",
        "INSERT INTO articles VALUES ('001', 'trousers')",
        "INSERT INTO customers VALUES ('c1', 20, 'Ada', 'ada@example.org', 'secret')",
        "INSERT INTO transactions VALUES ('2020-01-31', 'c1', '001', 10)",
    )
    database.grant("articles", "transactions")
    database.do(f'GRANT SELECT (customer_id, age) ON customers TO "{database.reader}"')
    return database
