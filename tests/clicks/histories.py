"""Random histories of a clickstream: what the shop has at any moment, when runs read it, and what breaks."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.clicks.place import T0

LAG, OVERLAP = 5, 15
"""Minutes, as in conf/base/parameters/clickstream.yml: rows appear at most so much later together."""

TYPES = (
    "view",
    "view",
    "click",
    "add_to_cart",
    "add_to_cart",
    "remove_from_cart",
    "checkout",
    "purchase",
    "blink",
)
ARTICLES = st.sampled_from(["a1", "a2"])
PAUSES = (0, 1, 5, 29, 30, 31, 45, 70, 600, 1500)
DELAYS = (0, 0, 0, 1, 5, 14, 45, 600, 1441, 4320)
BAD_DELAYS = (-4, -6, -1500, 4321)
"""Minutes between what happens and what comes in: clocks ahead, in the future, and too late."""


@dataclass(frozen=True)
class Row:
    """A row of the source, and from when on it can be seen."""

    values: dict[str, Any]
    visible_at: dt.datetime


@dataclass(frozen=True)
class Batch:
    """A run: its as-of; the store's operation at which it is killed first (None: it is not), and whether the
    next try has the same id; the articles' categories that are released before it (None: no others)."""

    as_of: dt.datetime
    killed_at: int | None
    same_id: bool
    categories: dict[str, str] | None


@dataclass(frozen=True)
class History:
    rows: tuple[Row, ...]
    batches: tuple[Batch, ...]

    def seen(self, at: dt.datetime) -> list[dict[str, Any]]:
        """The rows that are visible, in an order of no meaning."""
        return [row.values for row in self.rows if row.visible_at <= at]

    @property
    def categories(self) -> dict[str, str] | None:
        """Those of the articles' newest release."""
        found = [batch.categories for batch in self.batches if batch.categories is not None]
        return found[-1] if found else None


def minutes(number: int) -> dt.timedelta:
    return dt.timedelta(minutes=number)


@st.composite
def _events(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Events of a few visitors, in streaks with pauses around the session's gap."""
    found: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 4))):
        visitor = draw(st.sampled_from(["v1", "v2", None]))
        at = T0 + minutes(30 * draw(st.integers(0, 140)))
        for _ in range(draw(st.integers(1, 7))):
            at += minutes(draw(st.sampled_from(PAUSES)))
            delay = (
                draw(st.sampled_from(DELAYS))
                if draw(st.integers(0, 9))
                else draw(st.sampled_from(BAD_DELAYS))
            )
            found.append(
                {
                    "event_id": f"e{len(found)}" if draw(st.integers(0, 30)) else None,
                    "visitor_id": visitor,
                    "session_id": draw(st.sampled_from([None, None, None, "s1"])),
                    "customer_id": draw(st.sampled_from([None, None, "c1", "c2"])),
                    "event_type": draw(st.sampled_from(TYPES)),
                    "article_id": draw(st.one_of(ARTICLES, st.none())),
                    "campaign_id": draw(st.sampled_from([None, None, "k1", "k2"])),
                    "channel": None,
                    "quantity": draw(st.sampled_from([None, 1, 2])),
                    "price": draw(st.sampled_from([None, 9.5])),
                    "created_at": at,
                    "ingested_at": at + minutes(delay),
                    "simulated": False,
                }
            )
    return found


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Events, some of them repeated, in any order, seen with delays within the promise; one to four runs."""
    events = draw(_events())
    for again in draw(st.lists(st.sampled_from(events), max_size=4)):
        other = {"article_id": "a9"} if draw(st.booleans()) else {}
        later = minutes(draw(st.sampled_from([0, 0, 3, 20, 700])))
        events = [*events, {**again, **other, "ingested_at": again["ingested_at"] + later}]
    rows = tuple(
        Row(e, e["ingested_at"] + minutes(draw(st.sampled_from([0, 0, 5, LAG + OVERLAP])))) for e in events
    )
    rows = tuple(draw(st.permutations(rows)))
    last = max(row.visible_at for row in rows) + minutes(LAG + 1)
    hours = sorted(draw(st.lists(st.integers(0, 150), min_size=0, max_size=3)))
    moments = [T0 + minutes(60 * hour) for hour in hours if T0 + minutes(60 * hour) < last]
    kills = st.one_of(st.none(), st.integers(1, 60))
    categories = st.one_of(st.none(), st.none(), st.dictionaries(ARTICLES, st.sampled_from(["g1", "g2"])))
    batches = tuple(
        Batch(
            moment,
            draw(kills) if draw(st.integers(0, 2)) == 0 else None,
            draw(st.booleans()),
            draw(categories),
        )
        for moment in [*moments, draw(st.sampled_from([last, last + minutes(3 * 1440)]))]
    )
    return History(rows, batches)
