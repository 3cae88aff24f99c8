"""Blocks of visitors and spans of days."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from ml_etl.engine.duckdb import DuckDBEngine
from ml_etl.pipelines.events.blocks import even_blocks, of_block, of_span, spans, with_bucket, within
from tests.clicks.place import TABLES, Place
from tests.clicks.rows import LATER, at, event

VISITORS = [f"visitor {n}" for n in range(20_000)]
DAYS = [f"2024-02-{day:02}" for day in (27, 28, 29)] + ["2024-03-01", "2024-03-05"]


@pytest.fixture
def engine(tmp_path: Path) -> DuckDBEngine:
    return DuckDBEngine("1GB", 1, str(tmp_path))


@pytest.mark.parametrize("blocks", [1, 2, 8, 16, 32, 48])
def test_every_visitor_is_in_one_block_and_blocks_are_alike(engine: DuckDBEngine, blocks: int) -> None:
    table = with_bucket(engine.table_of(pa.table({"visitor": [*VISITORS, None]})))
    found = [engine.collect(of_block(table, blocks, n))["visitor"].to_pylist() for n in range(blocks)]
    assert Counter(visitor for block in found for visitor in block) == Counter([*VISITORS, None])
    mean = len(VISITORS) / blocks
    assert all(0.8 * mean < len(block) < 1.2 * mean for block in found)


def test_blocks_share_the_buckets_evenly() -> None:
    assert [even_blocks(n) for n in (1, 2, 3, 8, 9, 16, 17, 33)] == [1, 2, 4, 8, 16, 16, 32, 48]


def test_spans_share_no_day_and_leave_none_out() -> None:
    assert spans(DAYS, 1) == [None]
    assert of_span(DAYS, None) == DAYS
    found = spans(reversed(DAYS), 3)
    assert [of_span(DAYS, span) for span in found] == [DAYS[:2], DAYS[2:4], DAYS[4:]]
    assert spans([], 3) == [None]


def test_a_span_ends_with_its_last_day(engine: DuckDBEngine) -> None:
    midnight = dt.datetime(2024, 2, 29)
    last = midnight + dt.timedelta(days=1, microseconds=-1)
    moments = [midnight - dt.timedelta(microseconds=1), midnight, last, midnight + dt.timedelta(days=1)]
    table = engine.table_of(pa.table({"created_at": moments}))
    day = midnight.date()
    assert engine.collect(table.filter(within((day, day))))["created_at"].to_pylist() == [midnight, last]


def test_late_events_on_two_days_in_two_spans_change_both(tmp_path: Path) -> None:
    """Each day has an event that stays as it was beside one that came late."""
    day = 24 * 60
    early = [event(f"stays{n}", n * day, visitor_id=f"w{n}") for n in range(2)]
    late = [event(f"late{n}", n * day + 5, late=3 * day - n * day) for n in range(2)]
    grown, rebuilt = Place(tmp_path / "grown"), Place(tmp_path / "rebuilt")
    grown.put(early)
    grown.run(at(2.5 * day), events_per_block=1)
    for place in (grown, rebuilt):
        place.put([*early, *late])
    grown.run(LATER, events_per_block=1)
    rebuilt.run(LATER)
    assert len(grown.rows("events")) == 4
    for table in TABLES:
        assert grown.rows(table) == rebuilt.rows(table), table
