"""How far back what came in reaches: which days are read again, and which stay as they are."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ml_etl.clickstream.params import Clickstream
from ml_etl.clickstream.sessions import longest
from ml_etl.pipelines.events.blocks import even_blocks
from ml_etl.pipelines.events.params import EventsParams
from ml_etl.plan import Plan

RECENT_DAYS = 30
"""Pictures and the card tell of so many days."""

_MARGIN = dt.timedelta(minutes=1)
"""Lengths of sessions are told in whole seconds."""


@dataclass(frozen=True)
class Scope:
    """What a run computes anew.

    Of the visitors it touches, the sessions that started on `first_day` or later (None: all there are).
    `clock` is the moment the last row known came in, `clock_before` the same of the version that is added
    to. What is told of the present is told of the clock, so that a run without news changes nothing. The
    days are worked on in so many `spans`, the visitors in at least as many `blocks`.
    """

    base: str | None
    first_day: str | None
    clock: dt.datetime
    clock_before: dt.datetime | None
    spans: int = 1

    @property
    def blocks(self) -> int:
        return even_blocks(self.spans)

    @property
    def today(self) -> dt.date:
        return self.clock.date()

    @property
    def is_new_day(self) -> bool:
        """Whether windows of whole days have moved."""
        return self.clock_before is None or self.clock_before.date() != self.today


def scope(
    extent: dict[str, dict[str, Any]], plan: Plan, params: EventsParams, clickstream: Clickstream
) -> Scope:
    """The first day whose sessions may change.

    An event changes sessions up to a gap before it, they have started at most `longest` before, and a
    purchase recovers one that ended `recovery_hours` before; bots are told by whole hours. Sessions that
    were open, or whose recovery was not told, end or are told by the clock alone.
    """
    found, base = extent["batch"], plan.grown.base
    before = found["newest_before"] if base else None
    clock = max(moment for moment in (found["newest"], before) if moment)
    spans = -(-int(found["added"]) // params.events_per_block) or 1
    if before is None:
        return Scope(base, None, clock, None, spans)
    rules = clickstream.sessions
    reach = dt.timedelta(minutes=rules.gap_minutes, hours=params.sessions.recovery_hours) + longest(rules)
    earliest = found["earliest"] or before
    first = min(before, earliest.replace(minute=0, second=0, microsecond=0)) - reach - _MARGIN
    return Scope(base, str(first.date()), clock, before, spans)


def recent_days(scope: Scope) -> list[str]:
    """The last days, today's first."""
    return [str(scope.today - dt.timedelta(days=n)) for n in range(RECENT_DAYS)]


def bounds(scope: Scope) -> pa.Table:
    """The scope's moments as a table of one row: `clock`, `today`, and `first`, midnight of the first day."""
    first = dt.datetime.fromisoformat(scope.first_day) if scope.first_day else None
    return pa.table(
        {
            "clock": pa.array([scope.clock], pa.timestamp("us")),
            "first": pa.array([first], pa.timestamp("us")),
            "today": pa.array([scope.today], pa.date32()),
        }
    )
