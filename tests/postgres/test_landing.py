"""Landing from a real Postgres: what is new is read, of one moment, and nothing else."""

import datetime as dt
import functools
import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest

from ml_etl.contracts import SOURCE, Column
from ml_etl.contracts.source import SourceTable as SourceContract
from ml_etl.engine import LandedTable, one_snapshot
from ml_etl.engine.postgres.session import Session
from ml_etl.errors import SchemaDrift, SourceUnreachable, UsageError
from ml_etl.shop import PostgresTable
from tests.postgres.server import Database

pytestmark = pytest.mark.slow  # starts a server

DAY = dt.date(2020, 1, 1)


def landed(folder: Path, name: str = "transactions") -> LandedTable:
    engine = {"memory_limit": "1GB"}
    return LandedTable(name, {"data": str(folder), "shop": "s"}, engine, lookback_days=7, keep_snapshots=4)


def land(
    folder: Path, name: str = "transactions", schema: str = "public"
) -> tuple[list[dict[str, Any]], int]:
    """What is landed now, and how many rows came over the connection for it."""
    target = landed(folder, name)
    with one_snapshot() as sessions:
        target.save(PostgresTable(name, schema, 60).load())
        read = sum(session.rows_read[name] for session in sessions.values())
    return target.engine.collect(target.load()).to_pylist(), read


def line(day: int, customer: str, price: float = 1.0) -> dict[str, Any]:
    return {"t_dat": DAY + dt.timedelta(days=day), "customer_id": customer, "article_id": "a", "price": price}


def bought(rows: list[dict[str, Any]]) -> list[tuple[str, float]]:
    return sorted((row["customer_id"], row["price"]) for row in rows)


@pytest.fixture
def lines(small: Database) -> Database:
    """Purchases of days 0, 20 and 21."""
    small.do("DELETE FROM transactions")
    small.insert("transactions", [line(0, "c1"), line(20, "c2"), line(21, "c3")])
    return small


def test_a_second_landing_reads_only_the_lookback(lines: Database, tmp_path: Path) -> None:
    """A thousand rows of day 22, and days 20 and 21 again: not the hundred thousand before them."""
    lines.do(
        "INSERT INTO transactions SELECT date '2020-01-01' + (i % 14), 'old' || i, 'a', 1 "
        "FROM generate_series(1, 100000) i"
    )
    assert land(tmp_path)[1] == 100_003
    lines.do(
        "INSERT INTO transactions SELECT date '2020-01-23', 'new' || i, 'a', 1 "
        "FROM generate_series(1, 1000) i"
    )
    rows, read = land(tmp_path)
    assert (len(rows), read) == (101_003, 1002)
    rows, read = land(tmp_path)  # nothing new: day 22 less seven days is looked at again, and nothing written
    assert (len(rows), read) == (101_003, 1002)
    assert len(landed(tmp_path).state.parts) == 2


def test_late_and_corrected_rows_within_the_lookback_are_seen(lines: Database, tmp_path: Path) -> None:
    land(tmp_path)
    lines.insert("transactions", [line(15, "late"), line(1, "too late")])
    lines.do(
        "UPDATE transactions SET price = 9 WHERE customer_id IN ('c1', 'c3')"
    )  # c1 is before the lookback
    rows, _ = land(tmp_path)
    assert bought(rows) == [("c1", 1.0), ("c2", 1.0), ("c3", 9.0), ("late", 1.0)]


def test_deleted_rows_within_the_lookback_go(lines: Database, tmp_path: Path) -> None:
    land(tmp_path)
    lines.do("DELETE FROM transactions WHERE customer_id = 'c2'")
    assert bought(land(tmp_path)[0]) == [("c1", 1.0), ("c3", 1.0)]


def test_small_tables_are_snapshots(lines: Database, tmp_path: Path) -> None:
    land(tmp_path, "articles")
    lines.do("UPDATE articles SET prod_name = 'shorts'")
    rows, _ = land(tmp_path, "articles")
    assert [row["prod_name"] for row in rows] == ["trousers", "shorts"]
    land(tmp_path, "articles")
    assert len(landed(tmp_path, "articles").state.parts) == 2


def test_all_tables_are_of_one_moment(lines: Database) -> None:
    """A customer and her purchase appear between the two readings: neither is seen."""
    with one_snapshot() as sessions:
        PostgresTable("articles", "public", 60).load()
        lines.insert("customers", [{"customer_id": "c9"}])
        lines.insert("transactions", [line(21, "c9")])
        (session,) = sessions.values()
        for name, known in (("customers", 1), ("transactions", 3)):
            rows = PostgresTable(name, "public", 60).load()
            with session.stream(rows.query, name) as batches:
                assert batches.read_all().num_rows == known
    assert lines.rows("SELECT count(*) FROM customers") == [(2,)]


def test_the_session_can_write_nothing(lines: Database) -> None:
    lines.do(f'GRANT ALL ON articles TO "{lines.reader}"')
    session = Session(60)
    with (
        pytest.raises(SourceUnreachable, match="read-only"),
        session.stream("INSERT INTO articles VALUES ('x', 'y') RETURNING 1", "articles"),
    ):
        pass
    session.close()
    assert lines.rows("SELECT count(*) FROM articles") == [(1,)]


def test_a_query_that_takes_too_long_is_stopped(lines: Database) -> None:
    session = Session(1)
    with (
        pytest.raises(SourceUnreachable, match="statement_timeout_s"),
        session.stream("SELECT pg_sleep(20)::text", "transactions") as batches,
    ):
        batches.read_all()
    session.close()


def test_names_and_passwords_are_never_selected(small: Database, tmp_path: Path) -> None:
    """The reader has no right to them, so that selecting any would fail."""
    rows, _ = land(tmp_path, "customers")
    assert [(row["customer_id"], row["age"]) for row in rows] == [("c1", 20)]
    assert not {"first_name", "email", "password"} & set(rows[0])
    for path in tmp_path.rglob("*.parquet"):
        assert b"ada@example" not in path.read_bytes()


def test_free_text_is_masked_before_it_is_stored(database: Database, tmp_path: Path) -> None:
    database.do(
        "CREATE TABLE reviews (review_id text, article_id text, review_text text, created_at timestamptz)",
        "INSERT INTO reviews VALUES ('r1', '001', 'Write to ada@example.org', '2020-01-01 12:00+02')",
    )
    database.grant("reviews")
    (row,), _ = land(tmp_path, "reviews")
    assert row["review_text"] == "Write to [email]" and row["pii_found"]
    assert row["created_at"] == dt.datetime(2020, 1, 1, 10)
    for path in tmp_path.rglob("*.parquet"):
        assert b"ada@example" not in path.read_bytes()


def test_types_of_postgres_are_read_as_what_they_mean(database: Database, tmp_path: Path) -> None:
    database.do(
        "CREATE TYPE unit AS ENUM ('each', 'fuel')",
        "CREATE DOMAIN amount AS numeric(10, 2)",
        'CREATE TABLE transactions ("timestamp" timestamptz, customer_id uuid, article_id varchar(10), '
        "price amount, line_value numeric, quantity smallint, unit_of_measure unit, returned_at timestamp)",
        "INSERT INTO transactions VALUES ('2020-01-01 00:30+01', '00000000-0000-0000-0000-00000000000a', "
        "'0108775015', 12.34, 0.1, 2, 'fuel', 'infinity'), ('infinity', gen_random_uuid(), 'b', 1, 1, 1, "
        "'each', null)",
    )
    database.grant("transactions")
    rows, _ = land(tmp_path)
    (row,) = [row for row in rows if row["article_id"] == "0108775015"]
    assert row == {
        "timestamp": dt.datetime(2019, 12, 31, 23, 30),
        "customer_id": "00000000-0000-0000-0000-00000000000a",
        "article_id": "0108775015",
        "price": 12.34,
        "quantity": 2,
        "line_value": 0.1,
        "unit_of_measure": "fuel",
        "returned_at": None,  # infinity is no moment
    }
    assert [row["timestamp"] for row in rows if row["article_id"] == "b"] == [None]


def test_numbers_for_texts_are_drift(small: Database, tmp_path: Path) -> None:
    small.do("ALTER TABLE transactions ALTER article_id TYPE bigint USING 1")
    with pytest.raises(
        SchemaDrift, match=r"public.transactions: column article_id expected string, came bigint"
    ):
        land(tmp_path)


def test_a_schema_of_views_does_as_well(small: Database, tmp_path: Path) -> None:
    small.do(
        "CREATE SCHEMA for_ml",
        "CREATE VIEW for_ml.transactions AS SELECT t_dat, customer_id || '!' AS customer_id, article_id, "
        "price FROM public.transactions",
        f'GRANT USAGE ON SCHEMA for_ml TO "{small.reader}"',
    )
    small.grant("for_ml.transactions")
    assert bought(land(tmp_path, schema="for_ml")[0]) == [("c1!", 10.0)]


def test_a_schema_with_sql_in_it_is_only_a_name(small: Database, tmp_path: Path) -> None:
    for name in ("public; DROP TABLE transactions; --", "public' OR '1'='1", 'public"."transactions'):
        with pytest.raises(UsageError, match="has no schema"):
            land(tmp_path, schema=name)
    assert small.rows("SELECT count(*) FROM transactions") == [(1,)]


def test_odd_names_of_schemas_are_quoted(small: Database, tmp_path: Path) -> None:
    small.do(
        """CREATE SCHEMA "it's ""a"" shop" """,
        """CREATE TABLE "it's ""a"" shop".articles AS SELECT article_id FROM articles""",
        f"""GRANT USAGE ON SCHEMA "it's ""a"" shop" TO "{small.reader}" """,
    )
    small.grant('"it\'s ""a"" shop".articles')
    assert len(land(tmp_path, "articles", 'it\'s "a" shop')[0]) == 1


def test_an_empty_cursor_column_is_passed_by(lines: Database, tmp_path: Path) -> None:
    """A column `timestamp` that nobody fills: days are the cursor, and only the lookback is read again."""
    lines.do('ALTER TABLE transactions ADD COLUMN "timestamp" timestamptz')
    land(tmp_path)
    assert landed(tmp_path).state.cursor == "t_dat"
    assert land(tmp_path)[1] == 2  # days 20 and 21


def test_another_append_only_table_needs_no_code(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clickstream, landed by the time its rows came in; ids may come twice."""
    clicks = SourceContract(
        "clicks",
        (
            Column("click_id", "string", "", required=True),
            Column("created_at", "timestamp", "", required=True),
            Column("ingested_at", "timestamp", ""),
        ),
        cursor=("ingested_at", "created_at"),
    )
    monkeypatch.setitem(SOURCE, "clicks", clicks)
    database.do(
        "CREATE TABLE clicks (click_id text, created_at timestamptz, ingested_at timestamptz)",
        "INSERT INTO clicks VALUES ('1', '2020-01-01', '2020-01-20'), ('1', '2020-01-01', '2020-01-20')",
        "INSERT INTO clicks VALUES ('2', '2020-01-01', '2020-01-05')",
    )
    database.grant("clicks")
    assert land(tmp_path, "clicks")[1] == 3
    database.do("INSERT INTO clicks VALUES ('3', '2019-01-01', '2020-01-21')")
    rows, read = land(tmp_path, "clicks")
    assert sorted(row["click_id"] for row in rows) == ["1", "1", "2", "3"]
    assert read == 3  # the two of January 20 and the new one


def test_customers_are_hashed_before_they_are_stored(
    lines: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """200,000 rows in many batches; RFC 2104 by Python's own library."""
    lines.do(
        "INSERT INTO transactions SELECT date '2020-01-02', 'customer-' || i % 700, 'a', i "
        "FROM generate_series(1, 200000) i"
    )
    monkeypatch.setenv("ML_ETL_CUSTOMER_KEY", "key")
    target = LandedTable(
        "transactions", {"data": str(tmp_path), "shop": "s"}, {"memory_limit": "1GB"}, 7, 4, "named"
    )
    target.save(PostgresTable("transactions", "public", 60, "named").load())
    rows = target.engine.collect(target.load()).to_pylist()
    wrong = [
        row
        for row in rows
        if row["article_id"] == "a"
        and row["t_dat"] == DAY + dt.timedelta(days=1)
        and row["customer_id"] != _hashed(f"customer-{int(row['price']) % 700}")
    ]
    assert len(rows) == 200_003 and not wrong
    assert target.state.customer_key == "named"


@functools.cache
def _hashed(customer: str) -> str:
    return hmac.new(b"key", customer.encode(), hashlib.sha256).hexdigest()


def test_the_lookback_is_found_by_the_index(lines: Database) -> None:
    """Undated rows belong to it, and still the server scans no table."""
    lines.do(
        "INSERT INTO transactions SELECT date '2010-01-01' + i % 3000, 'old', 'a', 1 "
        "FROM generate_series(1, 100000) i",
        "ANALYZE transactions",
    )
    rows = PostgresTable("transactions", "public", 60).load()
    query = rows.from_then("t_dat", dt.datetime(2020, 1, 15)).query
    plan = "\n".join(line for (line,) in lines.rows(f"EXPLAIN {query}"))
    assert "Index" in plan and "Seq Scan" not in plan, plan
    rows.session.close()


def test_what_a_killed_landing_fetched_is_swept(lines: Database, tmp_path: Path) -> None:
    left = landed(tmp_path).folder / ".0123456789ab.parquet.fetched"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a file")
    land(tmp_path)
    assert not left.exists()


def test_optional_columns_without_a_right_are_left_out(small: Database, tmp_path: Path) -> None:
    small.do(f'REVOKE SELECT (age) ON customers FROM "{small.reader}"')
    rows, _ = land(tmp_path, "customers")
    assert [set(row) - {"landed_at"} for row in rows] == [{"customer_id"}]
