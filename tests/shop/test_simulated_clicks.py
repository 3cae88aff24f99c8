"""Simulated clicks: they end in real purchases, come in as a tracker's do, and no later line changes them."""

from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from ml_etl.shop.clicks import Rates, simulate
from ml_etl.shop.clicks.sessions import Lines

DAY_US = 24 * 3_600_000_000
START = np.datetime64("2024-01-01", "us").astype(np.int64)
CUSTOMERS, ARTICLES, BASKETS, DAYS = 500, 200, 4_000, 30
USUAL = Rates(online_share=0.05, sessions_per_customer_day=0.4)
Rows = list[dict[str, Any]]


def lines(baskets: int = BASKETS) -> Lines:
    """Baskets of three lines, in order of time; customers and articles numbered as they first appear."""
    chance = np.random.default_rng(7)
    at = np.sort(START + chance.integers(0, DAYS * DAY_US, BASKETS) // 1000 * 1000)
    count = 3 * BASKETS
    found = Lines(
        at=np.repeat(at, 3),
        customer=np.repeat(pd.factorize(chance.integers(0, CUSTOMERS, BASKETS))[0], 3),
        basket=np.repeat(np.arange(BASKETS), 3),
        article=pd.factorize(chance.integers(0, ARTICLES, count))[0],
        quantity=chance.integers(1, 4, count),
        price=np.round(chance.uniform(1, 50, count), 2),
    )
    return found.take(np.arange(3 * baskets))


def simulated(folder: Path, given: Lines, rates: Rates = USUAL) -> Rows:
    customers, articles = (
        np.array([f"{kind}{n}" for n in range(many)], dtype=object)
        for kind, many in (("c", CUSTOMERS), ("a", ARTICLES))
    )
    simulate(given, customers, articles, folder / "events.parquet", rates)
    return pq.read_table(folder / "events.parquet").to_pylist()


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    return simulated(tmp_path_factory.mktemp("clicks"), lines())


def once(rows: Rows) -> dict[str, dict[str, Any]]:
    """The first row of each event."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row["event_id"], row)
    return found


def test_every_row_says_that_it_is_simulated(rows: Rows) -> None:
    assert {row["simulated"] for row in rows} == {True}


def test_purchases_are_lines_and_nothing_else(rows: Rows) -> None:
    """Whoever bought, what, how many, at that moment and price; of whole baskets, one in twenty."""
    given = lines()
    real = {
        (f"c{c}", f"a{a}", int(at), int(q), float(p))
        for c, a, at, q, p in zip(
            given.customer, given.article, given.at, given.quantity, given.price, strict=True
        )
    }
    bought = {
        (e["customer_id"], e["article_id"], _us(e), e["quantity"], e["price"])
        for e in once(rows).values()
        if e["event_type"] == "purchase"
    }
    assert bought <= real
    per_basket = Counter((customer, at) for customer, _a, at, _q, _p in bought)
    assert 0.03 * BASKETS < len(per_basket) < 0.07 * BASKETS
    assert set(per_basket.values()) <= {2, 3}  # two lines of a basket may be equal


def test_what_is_bought_was_put_into_the_cart_before(rows: Rows) -> None:
    added: dict[str, list[tuple[int, str]]] = defaultdict(list)
    events = sorted(once(rows).values(), key=_us)
    for e in events:
        if e["event_type"] == "add_to_cart":
            added[e["visitor_id"]].append((_us(e), e["article_id"]))
    bought = [e for e in events if e["event_type"] == "purchase"]
    in_cart = [any(a == e["article_id"] for _at, a in added[e["visitor_id"]]) for e in bought]
    assert sum(in_cart) > 0.9 * len(bought)  # a cart may have been filled on another device


def test_rows_come_in_late_twice_and_out_of_order(rows: Rows) -> None:
    """5 % late by minutes to two days, 2 % twice, in order of `ingested_at` alone."""
    came = [row["ingested_at"] for row in rows]
    assert came == sorted(came)
    events = once(rows)
    late = [row["ingested_at"] - row["created_at"] for row in events.values()]
    assert all(0 <= delay.total_seconds() <= 48 * 3600 for delay in late)
    assert sum(delay.total_seconds() > 200 for delay in late) / len(events) == pytest.approx(0.05, abs=0.01)
    assert len(rows) / len(events) == pytest.approx(1.02, abs=0.005)
    created = [row["created_at"] for row in rows]
    assert sum(a > b for a, b in pairwise(created)) > 0.02 * len(rows)


def test_a_repetition_has_the_same_content(rows: Rows) -> None:
    events = once(rows)
    for row in rows:
        first = events[row["event_id"]]
        assert {**row, "ingested_at": None} == {**first, "ingested_at": None}


def test_shares_are_near_what_otto_publishes(tmp_path: Path) -> None:
    """90, 7.8 and 2.4 percent of views, additions and purchases, at the demo shop's own rates."""
    kinds = Counter(row["event_type"] for row in simulated(tmp_path, lines(), Rates()))
    told = {kind: kinds[kind] for kind in ("view", "add_to_cart", "purchase")}
    assert told["view"] / sum(told.values()) == pytest.approx(0.90, abs=0.05)
    assert told["add_to_cart"] / sum(told.values()) == pytest.approx(0.078, abs=0.03)


def test_later_lines_change_no_earlier_event(rows: Rows, tmp_path: Path) -> None:
    """With the first two thirds of the baskets: the same rows, but those that lead to a later basket, whose
    cart is filled up to a day before."""
    some = lines(2 * BASKETS // 3)
    earlier = simulated(tmp_path, some)
    until = int(some.at[-1])
    then = [row for row in rows if _us(row, "ingested_at") <= until]
    known = {row["event_id"] for row in earlier}
    more = [row for row in then if row["event_id"] not in known]
    assert earlier == [row for row in then if row["event_id"] in known]
    assert all(_us(row) > until - DAY_US for row in more)


def test_anonymous_starts_with_a_login_in_the_middle(rows: Rows) -> None:
    sessions = defaultdict(set)
    for event in once(rows).values():
        if event["session_id"]:
            sessions[event["session_id"]].add(event["customer_id"] is not None)
    assert sum(logins == {True, False} for logins in sessions.values()) > 0.1 * len(sessions)


def _us(row: dict[str, Any], name: str = "created_at") -> int:
    return int(np.datetime64(row[name], "us").astype(np.int64))


def test_a_rate_above_one_is_more_than_one_session_a_day(tmp_path: Path) -> None:
    some, many = (
        len(once(simulated(tmp_path, lines(), Rates(online_share=0.0, sessions_per_customer_day=rate))))
        for rate in (0.4, 2.4)
    )
    assert 5.7 < many / some < 6.3
