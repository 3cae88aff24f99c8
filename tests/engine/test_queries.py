"""What a query keeps in memory: only parts that are worth it."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from ml_etl.as_of import AsOf
from ml_etl.clickstream.params import SessionRules
from ml_etl.clickstream.sessions import sessionize
from ml_etl.engine.duckdb import DuckDBEngine
from ml_etl.purchases import purchases

TAKES_WORK: dict[str, Callable[[ir.Table], ir.Table]] = {
    "a window": lambda t: t.mutate(n=t.a.sum().over(ibis.window(group_by="b"))),
    "a grouping": lambda t: t.group_by("b").aggregate(a=t.a.sum()),
    "distinct rows": lambda t: t.distinct(),
    "a join": lambda t: t.inner_join(t.select("a").view(), "a"),
    "an order": lambda t: t.order_by("b").limit(2),
    "a function": lambda t: t.mutate(b=t.b.re_replace("x", "y")),
}


RULES = SessionRules(
    gap_minutes=30,
    longest_hours=24,
    split_at_midnight=False,
    split_on_campaign=False,
    bot_events_per_hour=1000,
)


@pytest.fixture
def engine(tmp_path: Path) -> DuckDBEngine:
    return DuckDBEngine("1GB", 1, str(tmp_path))


@pytest.fixture
def rows(engine: DuckDBEngine) -> ir.Table:
    return engine.table_of(pa.table({"a": [1, 2, 3], "b": ["x", "y", "y"]}))


def twice(part: ir.Table) -> ir.Table:
    return part.select("a", "b").union(part.filter(part.a > 2).select("a", "b"))


def test_a_part_that_only_chooses_is_not_kept(engine: DuckDBEngine, rows: ir.Table) -> None:
    chosen = twice(rows.filter(rows.a > 1).mutate(c=rows.b))
    assert "NOT MATERIALIZED" in engine._query(chosen)
    assert engine.rows(chosen) == 3


def test_purchase_lines_are_chosen_again_with_their_age(engine: DuckDBEngine) -> None:
    """Kept, all lines of a shop would lie in memory, with all of their columns."""
    staged = pa.table(
        {
            "t_dat": [dt.date(2020, 1, 3), dt.date(2020, 1, 31)],
            "units": [1, -1],
            "line_value": [1.0, 2.0],
            "price": [1.0, 2.0],
            "regular_price": [1.5, None],
        }
    )
    known = purchases(engine.table_of(staged), AsOf(dt.date(2020, 2, 1), "UTC", dt.date(2020, 2, 1)))
    both = known.select(n=known.age).union(known.filter(known.is_discounted).select(n=known.block))
    query = engine._query(both)
    assert query.startswith("SELECT") and "AS NOT MATERIALIZED (SELECT" in query
    assert '" AS (SELECT' not in query  # no part is kept
    assert sorted(row["n"] for row in engine.collect(both).to_pylist()) == [4, 28]


@pytest.mark.parametrize("work", TAKES_WORK)
def test_a_part_that_takes_work_is_left_to_the_engine(
    engine: DuckDBEngine, rows: ir.Table, work: str
) -> None:
    query = engine._query(twice(TAKES_WORK[work](rows)))
    assert query.count(" AS (SELECT") >= 1  # there is such a part
    assert "NOT MATERIALIZED" not in query


def test_events_are_sorted_once_to_tell_their_sessions(engine: DuckDBEngine) -> None:
    """Three read what a stream's order tells: were it no part of its own, it would be sorted for each."""
    texts = ("event_id", "visitor", "session_id", "customer_id", "campaign_id")
    schema = dict.fromkeys(texts, "string")
    schema |= dict.fromkeys(("created_at", "ingested_at", "active_since"), "timestamp")
    events = ibis.memtable([], schema=ibis.schema({**schema, "in_busy_hour": "boolean"}))
    query = engine._query(sessionize(events, RULES))
    assert query.count("LAG(") <= 2  # the stream's, and the customer's in stretches of several sessions
