"""The simulated shop: equal seeds give equal bytes, shapes are those published, the truth is in the rows."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from statistics import correlation

import duckdb
import numpy as np
import pytest

from ml_etl.errors import UsageError
from ml_etl.shop.simulator import Plan, published, simulate_shop
from ml_etl.shop.simulator.catalogue import catalogue
from ml_etl.shop.simulator.people import people
from ml_etl.shop.simulator.purchases import purchases
from tests.conftest import Data

LINES = 600_000


def _silent(what: str, made: int, total: int) -> None:
    pass


def _bytes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.parquet"))
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated") / "shop"
    simulate_shop(Plan(LINES, seed=7, events=150_000, reviews=20_000), folder, True, _silent)
    return folder


@pytest.fixture(scope="module")
def sql(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for path in folder.rglob("*.parquet"):
            name = path.stem if path.parent == folder else f"true_{path.stem}"
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{path}'")
        yield connection


def _one(sql: duckdb.DuckDBPyConnection, query: str) -> float:
    return sql.execute(query).fetchone()[0]


def test_equal_seeds_give_equal_bytes(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("again", 7), ("other", 8)):
        simulate_shop(Plan(20_000, seed), tmp_path / name, True, _silent)
    one, again, other = (_bytes(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert len(one) == 8
    assert not set(one.values()) & set(other.values())


def test_as_many_rows_as_asked(sql: duckdb.DuckDBPyConnection) -> None:
    assert _one(sql, "SELECT count(*) FROM transactions") == LINES
    assert _one(sql, "SELECT count(*) FROM events") == pytest.approx(150_000, rel=0.1)
    assert _one(sql, "SELECT count(*) FROM reviews") == pytest.approx(20_000, rel=0.05)
    scale = LINES / published.LINES
    assert _one(sql, "SELECT count(*) FROM customers") == round(scale * published.CUSTOMERS)
    assert _one(sql, "SELECT count(*) FROM articles") == round(scale * published.ARTICLES)
    assert _one(sql, "SELECT count(DISTINCT customer_id) FROM transactions") == pytest.approx(
        scale * published.BUYERS, rel=0.01
    )
    assert _one(sql, "SELECT min(length(customer_id)) FROM transactions") == 64
    keys = "SELECT count(*) FROM transactions ANTI JOIN {0} USING ({1})"
    assert _one(sql, keys.format("customers", "customer_id")) == 0
    assert _one(sql, keys.format("articles", "article_id")) == 0


OF_BUYERS = "SELECT {} FROM (SELECT count(*) AS lines FROM transactions GROUP BY customer_id)"
OF_ARTICLES = "SELECT {} FROM (SELECT count(*) AS lines FROM transactions GROUP BY article_id)"
LATE = (
    "SELECT count({0}) / (SELECT count({0}) FROM transactions) FROM transactions WHERE t_dat > '2020-06-23'"
)
ONE_ARTICLE = """
    SELECT {} FROM (
        SELECT count(DISTINCT article_id) AS articles, count(DISTINCT t_dat) AS days FROM transactions
        GROUP BY customer_id
    )"""
SHAPES = {
    # what: (query, what is published, relative tolerance)
    "median of lines per buyer": (OF_BUYERS.format("median(lines)"), 9, 0.15),
    "mean of lines per buyer": (OF_BUYERS.format("avg(lines)"), 23.33, 0.03),
    "median of lines per article": (OF_ARTICLES.format("median(lines)"), 65, 0.35),
    "mean of lines per article": (OF_ARTICLES.format("avg(lines)"), 304, 0.05),
    "share of articles with 300 lines": (
        OF_ARTICLES.format("avg((lines >= 300)::int)"),
        published.ARTICLES_OF_300_LINES / published.SOLD_ARTICLES,
        0.2,
    ),
    "lines of the last 91 days": (LATE.format("customer_id"), 3_904_391 / published.LINES, 0.1),
    "customers of the last 91 days": (
        LATE.format("DISTINCT customer_id"),
        525_075 / published.BUYERS,
        0.1,
    ),
    "articles of the last 91 days": (
        LATE.format("DISTINCT article_id"),
        42_298 / published.SOLD_ARTICLES,
        0.1,
    ),
    "buyers of one article": (
        ONE_ARTICLE.format("avg((articles = 1)::int)"),
        published.ONE_ARTICLE_BUYERS / published.BUYERS,
        0.25,
    ),
    "lines bought online": (
        "SELECT avg((sales_channel_id = 2)::int) FROM transactions",
        published.ONLINE_SHARE,
        0.02,
    ),
    "mean price": ("SELECT avg(price) FROM transactions", published.MEAN_PRICE, 0.1),
    "mean age": ("SELECT avg(age) FROM customers", published.MEAN_AGE, 0.03),
    "customers in their twenties": (
        "SELECT count(*) FILTER (age BETWEEN 20 AND 29) / count(*) FROM customers",
        published.AGES[20, 29],
        0.05,
    ),
    "summer of 2019": (
        "SELECT avg((year(t_dat) = 2019 AND month(t_dat) IN (5, 6, 7, 9))::int) FROM transactions",
        published.MAY_JUNE_JULY_SEPTEMBER_2019 / published.LINES,
        0.05,
    ),
    "lines of Ladieswear": (
        "SELECT avg((index_group_name = 'Ladieswear')::int) FROM transactions "
        "JOIN articles USING (article_id)",
        published.LADIESWEAR_LINES,
        0.08,
    ),
    "articles of Ladieswear": (
        "SELECT avg((index_group_name = 'Ladieswear')::int) FROM articles",
        published.INDEX_GROUPS["Ladieswear"],
        0.12,
    ),
    "black articles": (
        "SELECT avg((colour_group_name = 'Black')::int) FROM articles",
        published.COLOURS["Black"],
        0.15,
    ),
}


@pytest.mark.parametrize("what", SHAPES)
def test_shapes_are_those_published(sql: duckdb.DuckDBPyConnection, what: str) -> None:
    query, expected, tolerance = SHAPES[what]
    assert _one(sql, query) == pytest.approx(expected, rel=tolerance)


def test_lines_repeat_as_published() -> None:
    """Of a larger shop: in a small catalogue, lines are more often equal by chance."""
    plan = Plan(4_000_000, seed=7)
    equal = sum(
        len(day) - len(np.unique(np.stack([day.customer, day.article, day.online], axis=1), axis=0))
        for day in purchases(plan, people(plan), catalogue(plan))
    )
    assert equal / plan.transactions == pytest.approx(published.REPEATED_LINES, rel=0.15)


def test_zipf_slope(sql: duckdb.DuckDBPyConnection) -> None:
    """Log lines over log rank, of the best percent of articles; published: of ranks 1 and 1,000."""
    counts = "SELECT count(*) AS n FROM transactions GROUP BY article_id ORDER BY n DESC"
    lines = [number for (number,) in sql.execute(counts).fetchall()]
    last = len(lines) // 100
    slope = np.polyfit(np.log(np.arange(1, last + 1)), np.log(lines[:last]), 1)[0]
    top = published.LINES_PER_ARTICLE
    assert -slope == pytest.approx(np.log(top["rank 1"] / top["rank 1000"]) / np.log(1000), abs=0.25)


def test_weeks_and_campaigns(sql: duckdb.DuckDBPyConnection) -> None:
    """Published: 198,622 lines on 2019-09-28, 160,875 on Black Friday, 43,308 a day; few on Sundays."""
    days = dict(sql.execute("SELECT t_dat::text, count(*) FROM transactions GROUP BY t_dat").fetchall())
    assert len(days) == published.DAYS
    mean = LINES / published.DAYS
    assert days["2019-09-28"] / mean == pytest.approx(198_622 / 43_308, rel=0.1)
    assert days["2019-11-29"] / mean == pytest.approx(160_875 / 43_308, rel=0.1)
    sundays = _one(sql, "SELECT avg((dayofweek(t_dat) = 0)::int) FROM transactions WHERE month(t_dat) = 1")
    assert sundays == pytest.approx(0.92 / 7, rel=0.1)


def test_ratings_follow_the_planted_quality(sql: duckdb.DuckDBPyConnection) -> None:
    rows = sql.execute(
        "SELECT avg(rating), any_value(quality) FROM reviews JOIN true_articles USING (article_id) "
        "GROUP BY article_id HAVING count(*) >= 20"
    ).fetchall()
    assert len(rows) > 50
    assert correlation(*zip(*rows, strict=True)) > 0.8


def test_customers_buy_of_their_segment(sql: duckdb.DuckDBPyConnection) -> None:
    """Three lines in four are drawn from it, and some of the others fall into it."""
    own = _one(
        sql,
        "SELECT avg((segment = index_group_name)::int) FROM transactions JOIN articles USING (article_id) "
        "JOIN true_customers USING (customer_id)",
    )
    assert 0.75 < own < 0.95


def test_articles_sell_only_while_they_live(sql: duckdb.DuckDBPyConnection) -> None:
    """But for what a customer comes back for."""
    outside = _one(
        sql,
        "SELECT avg((t_dat - DATE '2018-09-20' NOT BETWEEN begins AND begins + life_days)::int) "
        "FROM transactions JOIN true_articles USING (article_id)",
    )
    assert outside < 0.02


def test_sessions_are_those_of_the_truth(sql: duckdb.DuckDBPyConnection) -> None:
    """The tracker tells sessions of the web alone; all of what came in before the end is there."""
    checked, equal = sql.execute(
        """
        WITH told AS (
            SELECT session_id, min(created_at) AS began, max(created_at) AS ended,
                count(DISTINCT event_id) AS events
            FROM events WHERE session_id IS NOT NULL AND created_at < '2020-09-15' GROUP BY session_id
        )
        SELECT count(*),
            count(*) FILTER ((told.began, told.ended, told.events) = (t.began, t.ended, t.events))
        FROM told JOIN true_sessions t USING (session_id)
        """
    ).fetchone()
    assert checked > 5_000
    assert equal == checked


def test_a_folder_with_a_shop_is_left_alone(folder: Path) -> None:
    before = _bytes(folder)
    with pytest.raises(UsageError, match="there is a shop already"):
        simulate_shop(Plan(1_000, 7), folder, False, _silent)
    assert _bytes(folder) == before


def test_what_was_cut_off_is_written_again(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    simulate_shop(Plan(2_000, 7), whole, False, _silent)

    def killed(what: str, made: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate_shop(Plan(2_000, 7), cut, False, killed)
    assert not (cut / "transactions.parquet").exists()
    simulate_shop(Plan(2_000, 7), cut, False, _silent)
    assert _bytes(cut) == _bytes(whole)


def test_the_command_makes_a_shop_that_runs(data: Data, tmp_path: Path) -> None:
    shop = tmp_path / "simulated"
    made = data.kedro("shop", "simulate", "--transactions", "5e3", "--out", str(shop))
    assert made.returncode == 0, made.stderr
    assert "transactions         5,000 rows" in made.stdout
    assert data.kedro("shop", "simulate", "--transactions", "5e3", "--out", str(shop)).returncode == 2
    assert (
        data.kedro("shop", "simulate", "--transactions", "0", "--out", str(tmp_path / "none")).returncode == 2
    )
    data.run("interactions", "events", env="files", shop_folder=shop)
    pairs = duckdb.sql(
        f"SELECT count(*) FROM (SELECT DISTINCT customer_id, article_id FROM '{shop}/transactions.parquet')"
    )
    assert data.released("interactions").read("interactions").count().execute() == pairs.fetchone()[0]
