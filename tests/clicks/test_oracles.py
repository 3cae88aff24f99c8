"""Sessions and funnels against plain Python, on OTTO's published sample and on twelve thousand devices.

OTTO's sample may not be copied into the project; it is looked for beside it, and ML_ETL_TEST_OTTO names the
file where it lies elsewhere.
"""

import datetime as dt
import json
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from ml_etl.shop.clicks import Rates, simulate
from ml_etl.shop.clicks.sessions import Lines
from tests.clicks import oracle
from tests.clicks.compared import check_funnel, check_sessions, first_rows, table
from tests.clicks.place import TABLES, Place
from tests.conftest import PROJECT

OTTO = Path(os.environ.get("ML_ETL_TEST_OTTO", PROJECT.parent / "shared/data/events/otto_sample.jsonl"))
DAY_US = 24 * 3_600_000_000
CUSTOMERS, ARTICLES, BASKETS = 10_000, 400, 20_000
Simulated = tuple[Place, list[dict]]


def lines() -> Lines:
    """Eleven days of baskets of five lines, in order of time."""
    chance = np.random.default_rng(20240101)
    start = np.datetime64("2024-01-01", "us").astype(np.int64)
    at = np.sort(start + chance.integers(0, 11 * DAY_US, BASKETS) // 1000 * 1000)
    count = 5 * BASKETS
    return Lines(
        at=np.repeat(at, 5),
        customer=np.repeat(chance.integers(0, CUSTOMERS, BASKETS), 5),
        basket=np.repeat(np.arange(BASKETS), 5),
        article=chance.integers(0, ARTICLES, count),
        quantity=chance.integers(1, 4, count),
        price=np.round(chance.uniform(1, 50, count), 2),
    )


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """A release of the simulated clicks of 10,000 customers with two devices each, and its events."""
    place = Place(tmp_path_factory.mktemp("simulated"), clickstream={"sessions": {"bot_events_per_hour": 60}})
    customers, articles = (
        np.array([f"{c}{n}" for n in range(many)], dtype=object)
        for c, many in (("c", CUSTOMERS), ("a", ARTICLES))
    )
    simulate(lines(), customers, articles, place.shop / "events.parquet", Rates(0.05, 0.35))
    place.put_articles({f"a{n}": f"group {n % 7}" for n in range(0, ARTICLES, 2)})
    place.run(dt.datetime(2024, 2, 1))
    return place, first_rows(pq.read_table(place.shop / "events.parquet").to_pylist())


RULES = oracle.Rules(bot_events_per_hour=60)


def test_there_are_ten_thousand_visitors_and_all_kinds_of_sessions(simulated: Simulated) -> None:
    place, events = simulated
    sessions = table(place, "sessions")
    assert len({event["visitor_id"] for event in events}) > 10_000
    assert len(sessions) > 20_000
    for flag in ("converted", "cart_abandoned", "recovered_24h", "is_bot"):
        assert {True, False} <= {session[flag] for session in sessions}, flag
    logins = {e["session_id"] for e in events if e["customer_id"]} & {
        e["session_id"] for e in events if not e["customer_id"]
    }
    assert len(logins - {None}) > 100


def test_sessions_of_simulated_visitors_are_the_oracles(simulated: Simulated) -> None:
    place, events = simulated
    rows = pq.read_table(place.shop / "events.parquet", columns=["ingested_at"])
    clock = max(rows.column("ingested_at").to_pylist())
    assert check_sessions(place, events, clock, RULES) > 20_000


def test_the_funnel_of_simulated_visitors_is_the_oracles(simulated: Simulated) -> None:
    place, events = simulated
    categories = {f"a{n}": f"group {n % 7}" for n in range(0, ARTICLES, 2)}
    assert check_funnel(place, events, RULES, categories) > 500


@pytest.mark.parametrize("number", [3, 20], ids=["4 blocks", "32 blocks"])
def test_blocks_of_visitors_and_spans_of_days_change_no_row(
    simulated: Simulated, tmp_path: Path, number: int
) -> None:
    whole, events = simulated
    blocks = Place(tmp_path, clickstream={"sessions": {"bot_events_per_hour": 60}})
    os.link(whole.shop / "events.parquet", blocks.shop / "events.parquet")
    blocks.put_articles({f"a{n}": f"group {n % 7}" for n in range(0, ARTICLES, 2)})
    blocks.run(dt.datetime(2024, 2, 1), events_per_block=len(events) // number)
    for name in TABLES:
        assert blocks.rows(name) == whole.rows(name), name


@pytest.mark.skipif(not OTTO.is_file(), reason=f"no sample of OTTO's events at {OTTO} (ML_ETL_TEST_OTTO)")
def test_ottos_sample(tmp_path: Path) -> None:
    place = Place(tmp_path, events_jsonl=str(OTTO))
    place.run(dt.datetime(2022, 9, 1))
    events = list(otto_events())
    clock = max(event["created_at"] for event in events)
    assert check_sessions(place, events, clock, oracle.Rules()) > 100
    assert check_funnel(place, events, oracle.Rules(), {}) > 100


def otto_events():
    """The sample's events, read here anew."""
    names = {"clicks": "click", "carts": "add_to_cart", "orders": "purchase"}
    nothing = dict.fromkeys(("session_id", "customer_id", "campaign_id", "channel", "quantity", "price"))
    for line in OTTO.read_text("utf-8").splitlines():
        visitor = json.loads(line)
        for place, event in enumerate(visitor["events"]):
            at = dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=event["ts"])
            yield {
                **nothing,
                "event_id": f"{visitor['session']}-{place}",
                "visitor_id": str(visitor["session"]),
                "event_type": names[event["type"]],
                "article_id": str(event["aid"]),
                "created_at": at,
                "ingested_at": at,
                "simulated": False,
            }
