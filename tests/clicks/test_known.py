"""What others know of clicks as of some moment, against plain Python over the rows that had come in."""

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest

from ml_etl.as_of import AsOf
from ml_etl.clickstream.known import events_as_of
from ml_etl.clickstream.params import Clickstream
from ml_etl.parts import StoredParts
from tests.clicks import oracle
from tests.clicks.histories import LAG
from tests.clicks.place import Place
from tests.clicks.rows import LATER, at, event

DAY = 24 * 60
PAUSES, DELAYS = (0, 1, 5, 29, 31, 45, 600), (0,) * 12 + (45, 600, DAY + 1)
FAR_AHEAD = event("ahead", 9 * DAY, visitor_id="v0", ingested_at=at(10))
"""By a clock that is days ahead; the rules of this shop let it pass."""

Told = dict[str, tuple[str, str | None]]


def some_events(seed: int) -> list[dict[str, Any]]:
    """Events of eight visitors over a week, few of which come in late; some log in, one is a bot."""
    chance = random.Random(seed)
    minute = {f"v{n}": chance.randrange(DAY) for n in range(8)}
    found = [FAR_AHEAD]
    for number in range(400):
        visitor = "v7" if number % 5 == 0 else chance.choice([*minute])
        minute[visitor] += 0 if visitor == "v7" else chance.choice(PAUSES)
        given = {"visitor_id": visitor, "customer_id": chance.choice((None, None, None, "c1", "c2"))}
        found.append(event(number, minute[visitor], late=chance.choice(DELAYS), **given))
    return found


@pytest.fixture(params=[1, 2, 3], ids=lambda seed: f"seed {seed}")
def released(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[list[dict[str, Any]], StoredParts]:
    """The events, and how they were released when all had come in."""
    ahead = {"rules": {"clock_skew_minutes": 30 * DAY, "future_hours": 30 * 24}}
    place = Place(tmp_path, clickstream={"sessions": {"bot_events_per_hour": 40}}, events=ahead)
    rows = some_events(request.param)
    place.put(rows)
    place.run(LATER)
    return rows, place.stored("table")


def known(stored: StoredParts, minute: float, gap: int = 30, since_day: dt.date | None = None) -> Told:
    sessions = {"gap_minutes": gap, "longest_hours": 24, "bot_events_per_hour": 40}
    sessions |= {"split_at_midnight": False, "split_on_campaign": False}
    rules = Clickstream(reading={"safety_lag_minutes": LAG, "overlap_minutes": 15}, sessions=sessions)
    moment = at(minute).replace(tzinfo=dt.UTC)
    as_of = AsOf(moment.date(), "UTC", moment.date(), moment)
    table = events_as_of(stored, as_of, rules, since_day).to_pyarrow().to_pylist()
    assert len({row["event_id"] for row in table}) == len(table)
    return {row["event_id"]: (row["session_key"], row["session_customer_id"]) for row in table}


def expected(rows: list[dict[str, Any]], minute: float, gap: int = 30) -> Told:
    rules = oracle.Rules(gap=dt.timedelta(minutes=gap), bot_events_per_hour=40)
    until = at(minute - LAG)
    found = oracle.sessions((e for e in rows if e["ingested_at"] < until and e is not FAR_AHEAD), rules)
    bots = oracle.bots(found, rules)
    people = [session for session in found if session.key not in bots]
    return {e["event_id"]: (session.key, session.customer) for session in people for e in session.events}


@pytest.mark.parametrize("days", [0, 1, 2, 4, 6], ids=lambda days: f"day {days}")
def test_sessions_are_those_of_the_rows_that_had_come_in(released, days: int) -> None:
    rows, stored = released
    assert known(stored, days * DAY + 700) == expected(rows, days * DAY + 700)


def test_other_rules_than_those_of_the_release_hold_for_everyone(released) -> None:
    rows, stored = released
    told = known(stored, 6 * DAY, gap=4)
    assert told == expected(rows, 6 * DAY, gap=4)
    assert told != known(stored, 6 * DAY)


def test_sessions_since_a_day_are_whole(released) -> None:
    rows, stored = released
    since = at(3 * DAY)
    everything, found = expected(rows, 5 * DAY), known(stored, 5 * DAY, since_day=since.date())
    moment = {f"e{number}": row["created_at"] for number, row in enumerate(rows[1:])}
    wanted = {everything[name][0] for name in everything if moment[name] >= since}
    assert wanted
    assert {n: told for n, told in found.items() if told[0] in wanted} == {
        n: told for n, told in everything.items() if told[0] in wanted
    }
    assert len(found) < len(everything)
