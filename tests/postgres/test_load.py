"""`kedro shop load`: a shop's tables with keys and indexes, whole or not at all, and never twice."""

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ml_etl.contracts import SOURCE
from ml_etl.engine import Engine, engine_of
from ml_etl.errors import SourceUnreachable, UsageError
from ml_etl.layout import Layout
from ml_etl.shop.load import Loaded, load_shop
from ml_etl.shop.schema import shop_schema
from tests.conftest import Data
from tests.postgres.server import Database
from tests.shops import Shop, table

_AS = {
    "string": {"text"},
    "float64": {"double precision"},
    "int64": {"bigint"},
    "boolean": {"boolean"},
    "date": {"date"},
    "timestamp": {"timestamptz"},
}


def test_the_schema_is_the_source_contract() -> None:
    """Every table and column that may be read can be loaded, in the contract's order, as its type."""
    schema = shop_schema()
    assert set(SOURCE) <= set(schema)
    for name, contract in SOURCE.items():
        assert list(schema[name].columns) == [column.name.lower() for column in contract.columns], name
        for column in contract.columns:
            assert schema[name].columns[column.name.lower()] in _AS[column.type], (name, column.name)


def test_every_cursor_has_an_index() -> None:
    for name, contract in SOURCE.items():
        for cursor in contract.cursor:
            assert f"CREATE INDEX ON {name} ({cursor})" in shop_schema()[name].after


@pytest.fixture
def owner(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("ML_ETL_LOAD_URL", database.url.replace("'", ""))
    return database


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return engine_of({"memory_limit": "1GB"}, Layout.of(tmp_path, "s"))


def load(engine: Engine, told: list[Any] | None = None, **tables: pa.Table) -> dict[str, Loaded]:
    lazy = {name: engine.table_of(rows) for name, rows in tables.items()}
    heard = told if told is not None else []
    return {done.table: done for done in load_shop(lazy, engine, "public", lambda *what: heard.append(what))}


ARTICLES = [{"article_id": "001", "prod_name": "a"}, {"article_id": "002", "prod_name": "naïve 👗"}]
LINES = [
    {"t_dat": dt.date(2020, 1, n), "customer_id": "c", "article_id": "001", "price": 0.1 * n}
    for n in (1, 2, 3)
]


@pytest.mark.slow
def test_tables_have_their_rows_keys_and_indexes(owner: Database, engine: Engine) -> None:
    told: list[Any] = []
    load(engine, told, articles=table(ARTICLES), transactions=table(LINES))
    assert owner.rows("SELECT * FROM articles ORDER BY 1") == [("001", "a"), ("002", "naïve 👗")]
    assert owner.rows("SELECT t_dat, price FROM transactions ORDER BY 1")[2] == (dt.date(2020, 1, 3), 0.1 * 3)
    indexes = owner.rows("SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
    assert [(name, "UNIQUE" in made, made[made.index("(") :]) for name, made in indexes] == [
        ("articles", True, "(article_id)"),
        ("transactions", False, "(t_dat)"),
    ]
    assert told == [("articles", 2, 2), ("transactions", 3, 3)]


@pytest.mark.slow
def test_what_is_there_already_stays(owner: Database, engine: Engine) -> None:
    """The second time nothing is written, not even with rows in another order; a changed one is replaced."""
    load(engine, articles=table(ARTICLES), transactions=table(LINES))
    before = owner.rows(
        "SELECT oid FROM pg_class WHERE relname IN ('articles', 'transactions') ORDER BY relname"
    )
    again = load(engine, articles=table(ARTICLES[::-1]), transactions=table(LINES))
    assert {done.state for done in again.values()} == {"unchanged"}
    assert before == owner.rows(
        "SELECT oid FROM pg_class WHERE relname IN ('articles', 'transactions') ORDER BY relname"
    )
    more = load(engine, articles=table(ARTICLES[:1]), transactions=table(LINES))
    assert (more["articles"].state, more["transactions"].state) == ("loaded", "unchanged")
    assert owner.rows("SELECT article_id FROM articles") == [("001",)]


@pytest.mark.slow
def test_tables_of_others_are_never_touched(owner: Database, engine: Engine) -> None:
    owner.do("CREATE TABLE transactions (mine int)", "INSERT INTO transactions VALUES (1)")
    with pytest.raises(UsageError, match="did not make: transactions"):
        load(engine, articles=table(ARTICLES), transactions=table(LINES))
    assert owner.rows("SELECT mine FROM transactions") == [(1,)]
    assert owner.rows("SELECT to_regclass('articles')") == [(None,)]


@pytest.mark.slow
def test_a_key_that_repeats_is_left_out_and_said(owner: Database, engine: Engine) -> None:
    done = load(engine, articles=table([*ARTICLES, ARTICLES[0]]))["articles"]
    assert done.notes == (
        "not made, its rows repeat or lack it: ALTER TABLE articles ADD PRIMARY KEY (article_id)",
    )
    assert owner.rows("SELECT count(*) FROM articles") == [(3,)]


@pytest.mark.slow
def test_a_nul_becomes_a_replacement_character(owner: Database, engine: Engine) -> None:
    done = load(engine, articles=table([{"article_id": "1", "prod_name": "a\0b"}]))["articles"]
    assert owner.rows("SELECT prod_name FROM articles") == [("a\ufffdb",)]
    assert "1 texts had a NUL" in done.notes[0]


@pytest.mark.slow
def test_names_in_capitals_and_moments(owner: Database, engine: Engine) -> None:
    rows = table([{"customer_id": "c", "FN": 1.0, "Active": None}], FN=pa.float64(), Active=pa.float64())
    reviews = table([{"review_id": "r", "article_id": "1", "created_at": dt.datetime(2020, 1, 1, 12)}])
    load(engine, customers=rows, reviews=reviews)
    assert owner.rows("SELECT customer_id, fn, active FROM customers") == [("c", 1.0, None)]
    assert owner.rows("SELECT created_at AT TIME ZONE 'UTC' FROM reviews") == [(dt.datetime(2020, 1, 1, 12),)]


@pytest.mark.slow
def test_a_load_that_breaks_leaves_what_was_there(owner: Database, engine: Engine) -> None:
    load(engine, articles=table(ARTICLES))

    def breaks(*_: Any) -> None:
        raise OSError("cut")

    changed = {"articles": engine.table_of(table(ARTICLES[:1]))}
    with pytest.raises(SourceUnreachable, match=r"public.articles: can't be loaded"):
        list(load_shop(changed, engine, "public", breaks))
    assert owner.rows("SELECT count(*) FROM articles") == [(2,)]
    assert load(engine, articles=table(ARTICLES[:1]))["articles"].state == "loaded"


@pytest.mark.slow
def test_who_may_only_read_can_not_load(database: Database, engine: Engine) -> None:
    with pytest.raises(SourceUnreachable, match=r"may not create it .*ML_ETL_LOAD_URL"):
        load(engine, articles=table(ARTICLES))


@pytest.mark.slow
def test_the_command_says_what_it_did(owner: Database, data: Data, shop: Shop) -> None:
    given = ["--env", "files", "--params", f"shop_folder={shop.folder}"]
    first = data.kedro("shop", "load", "--to", "postgres", *given)
    assert first.returncode == 0, first.stderr
    said = {line.split()[0]: line.split("  ")[-1].strip() for line in first.stderr.splitlines()}
    assert said == {
        "articles": "loaded", "customers": "loaded", "transactions": "loaded", **dict.fromkeys(
            ("categories", "orders", "order_items", "promo", "reviews", "events"), "the shop has none"
        ),
    }  # fmt: skip
    again = data.kedro("shop", "load", *given)
    assert again.stderr.count("is there already") == 3
    assert data.kedro("shop", "load", "--to", "hm").returncode == 2
