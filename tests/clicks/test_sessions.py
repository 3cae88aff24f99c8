"""What begins a session and what does not; each rule is tied to numbered events."""

import random
from pathlib import Path
from typing import Any

import pytest

from tests.clicks.compared import table
from tests.clicks.place import Place
from tests.clicks.rows import LATER, at, event

DAY = 24 * 60
LAST = event("end", 9 * DAY, visitor_id="another")
"""Comes in days later, so that the sessions before are over."""


def sessions(folder: Path, rows: list[dict[str, Any]], **rules: Any) -> list[dict[str, Any]]:
    """The sessions of visitor v, in order of their start."""
    place = Place(folder, clickstream={"sessions": rules})
    rows = [*rows, LAST]
    random.Random(1).shuffle(rows)
    before = [dict(row) for row in rows]
    place.put(rows)
    place.run(LATER)
    assert rows == before
    found = [row for row in table(place, "sessions") if row["visitor"] == "v"]
    return sorted(found, key=lambda row: (row["started_at"], row["session_key"]))


def keys_and_counts(found: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(row["session_key"], row["event_count"]) for row in found]


def test_a_pause_of_more_than_thirty_minutes(tmp_path: Path) -> None:
    """2 comes exactly 30 minutes after 1 and stays; 3 comes a millisecond more after 2 and begins anew."""
    found = sessions(tmp_path, [event(1, 0), event(2, 30), event(3, 60 + 1 / 60_000)])
    assert keys_and_counts(found) == [("e1", 2), ("e3", 1)]


def test_midnight_and_a_campaign_do_not_end_it(tmp_path: Path) -> None:
    """2 lies past midnight, 3 is of another campaign."""
    rows = [event(1, DAY - 5, campaign_id="k1"), event(2, DAY + 5), event(3, DAY + 10, campaign_id="k2")]
    assert keys_and_counts(sessions(tmp_path, rows)) == [("e1", 3)]
    assert sessions(tmp_path / "again", rows)[0]["campaign_id"] == "k1"


def test_midnight_ends_it_by_option(tmp_path: Path) -> None:
    rows = [event(1, DAY - 5), event(2, DAY - 1), event(3, DAY), event(4, DAY + 10)]
    assert keys_and_counts(sessions(tmp_path, rows, split_at_midnight=True)) == [("e1", 2), ("e3", 2)]


def test_a_campaign_ends_it_by_option(tmp_path: Path) -> None:
    """2 has none and stays with 1's; 3 has another; 4 the first one again."""
    rows = [
        event(1, 0, campaign_id="k1"),
        event(2, 1),
        event(3, 2, campaign_id="k2"),
        event(4, 3, campaign_id="k1"),
    ]
    found = sessions(tmp_path, rows, split_on_campaign=True)
    assert keys_and_counts(found) == [("e1", 2), ("e3", 1), ("e4", 1)]


def test_a_login_does_not_end_it_but_another_customer_does(tmp_path: Path) -> None:
    """1 is anonymous, c1 logs in at 2 and is gone at 3; c2 is there at 4. The pause before 6 forgets c2."""
    rows = [
        event(1, 0),
        event(2, 1, customer_id="c1"),
        event(3, 2),
        event(4, 3, customer_id="c2"),
        event(5, 4),
        event(6, 60),
        event(7, 61, customer_id="c1"),
    ]
    found = sessions(tmp_path, rows)
    assert keys_and_counts(found) == [("e1", 3), ("e4", 2), ("e6", 2)]
    assert [row["customer_id"] for row in found] == ["c1", "c2", "c1"]


def test_an_explicit_session_is_kept_and_split_by_the_gap(tmp_path: Path) -> None:
    """1, 3 and 5 are of s1, with a pause before 5; 2 and 4 of none, though between them."""
    rows = [
        event(1, 0, session_id="s1"),
        event(2, 1),
        event(3, 2, session_id="s1"),
        event(4, 3),
        event(5, 40, session_id="s1"),
    ]
    assert keys_and_counts(sessions(tmp_path, rows)) == [("e1", 2), ("e2", 2), ("e5", 1)]


def test_it_is_cut_every_24_hours(tmp_path: Path) -> None:
    """An event every 20 minutes for 50 hours, from 00:10 on: three sessions, the last of two hours."""
    found = sessions(tmp_path, [event(n, 10 + 20 * n) for n in range(151)])
    assert keys_and_counts(found) == [("e0", 72), ("e72", 72), ("e144", 7)]
    assert {row["activity_started_at"] for row in found} == {at(10)}
    assert max(row["duration_s"] for row in found) < 24 * 3600


def test_the_key_is_the_event_that_came_in_first(tmp_path: Path) -> None:
    """1 happened first and came in last; 2 and 3 came in together."""
    rows = [event(1, 0, late=60), event(3, 6), event(2, 5, late=1)]
    assert keys_and_counts(sessions(tmp_path, rows)) == [("e2", 3)]


def test_a_visitor_without_an_id_is_the_customer(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.put([event(1, 0, visitor_id=None, customer_id="c1"), event(2, 1, visitor_id="", customer_id="c1")])
    place.run(LATER)
    assert [(row["visitor"], row["event_count"]) for row in table(place, "sessions")] == [("customer:c1", 2)]


CART = [
    event(1, 0),
    event(2, 1, "add_to_cart", quantity=2, price=5.0),
    event(3, 2, "add_to_cart", price=3.0, article_id="a2"),
    event(4, 3, "remove_from_cart", price=3.0, article_id="a2"),
]


@pytest.mark.parametrize(
    ("more", "left", "abandoned", "recovered"),
    [
        ([], 2, True, False),
        ([event(5, 4, "purchase", quantity=2, price=5.0)], 0, False, None),
        ([event(5, 4, "purchase"), event(6, 5, "add_to_cart")], 1, True, False),
        ([event(5, 3 + DAY, "purchase")], 2, True, True),  # exactly 24 hours after the session's end
        ([event(5, 4 + DAY, "purchase")], 2, True, False),
        ([event(5, 600, "purchase", customer_id="c9")], 2, True, True),  # the visitor logged in meanwhile
    ],
)
def test_an_abandoned_cart_and_its_recovery(tmp_path: Path, more, left, abandoned, recovered) -> None:
    first = sessions(tmp_path, [*CART, *more])[0]
    assert (first["cart_items_left"], first["cart_abandoned"], first["recovered_24h"]) == (
        left,
        abandoned,
        recovered,
    )


def test_another_customers_purchase_recovers_nothing(tmp_path: Path) -> None:
    mine = [{**row, "customer_id": "c1"} for row in CART]
    first = sessions(tmp_path, [*mine, event(5, 600, "purchase", customer_id="c2")])[0]
    assert (first["cart_abandoned"], first["recovered_24h"]) == (True, False)


def test_what_a_session_is_told(tmp_path: Path) -> None:
    """Engaged: 60 + 120 of the 600 seconds' pause; the unknown type counts as other."""
    rows = [
        event(1, 0, "search", article_id=None, channel="app"),
        event(2, 1, "view", campaign_id="k1"),
        event(3, 11, "blink", article_id="a7", channel="web"),
        event(4, 11, "purchase", quantity=3, price=2.5),
    ]
    (told,) = sessions(tmp_path, rows)
    expected = {
        "duration_s": 660,
        "engaged_s": 180,
        "search_count": 1,
        "view_count": 1,
        "purchase_count": 1,
        "other_count": 1,
        "distinct_articles": 2,
        "entry_type": "search",
        "entry_article_id": "a1",
        "exit_type": "purchase",
        "exit_article_id": "a1",
        "campaign_id": "k1",
        "channel": "app",
        "converted": True,
        "furthest_step": "purchase",
    }
    assert {name: told[name] for name in expected} == expected
    assert (float(told["revenue"]), told["cart_value"]) == (7.5, None)


def test_it_is_open_until_an_event_on_time_can_no_longer_join(tmp_path: Path) -> None:
    """The newest event came in 30 minutes after e1's session ended: it could still have been one of it."""
    place = Place(tmp_path)
    place.put([event(1, 0, "add_to_cart"), event(2, 30, visitor_id="w")])
    place.run(at(60))
    first = next(row for row in table(place, "sessions") if row["visitor"] == "v")
    assert (first["is_open"], first["cart_abandoned"], first["recovered_24h"]) == (True, None, None)
    place.put([event(1, 0, "add_to_cart"), event(2, 30, visitor_id="w"), event(3, 31, visitor_id="w")])
    place.run(at(60))
    first = next(row for row in table(place, "sessions") if row["visitor"] == "v")
    assert (first["is_open"], first["cart_abandoned"], first["recovered_24h"]) == (False, True, None)


def test_a_bot_is_flagged_with_its_whole_session_and_counted_nowhere(tmp_path: Path) -> None:
    """Eleven events from 01:00 on where ten are allowed; 0, at 00:50, is of the same session. v2 made ten."""
    busy = [event(0, 50), *(event(n, 60 + n) for n in range(1, 12))]
    calm = [event(f"c{n}", 60 + n, visitor_id="v2") for n in range(10)]
    place = Place(tmp_path, clickstream={"sessions": {"bot_events_per_hour": 10}})
    place.put([*busy, *calm])
    place.run(LATER)
    assert {row["visitor"]: row["is_bot"] for row in table(place, "sessions")} == {"v": True, "v2": False}
    assert sum(row["is_bot"] for row in table(place, "events")) == 12
    total = next(row for row in table(place, "daily_counts") if row["level"] == "total")
    assert (total["event_count"], total["bot_events"]) == (10, 12)
    assert {row["reached_inferred"] for row in table(place, "funnel")} == {1}
