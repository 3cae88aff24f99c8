"""Events to sessions, by rules that look at one visitor's events alone.

Events of one visitor and one session_id (none is one, too) are a stream. In a stream, time without an event
for longer than the gap begins a new stretch of activity; within a stretch a session ends `longest_hours`
after the stretch began, and again as long after that; within that, where another customer appears. So every
session is told from the events of its own stretch, and a stretch from its first event on.
"""

import datetime as dt

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.clickstream.moments import seconds
from ml_etl.clickstream.params import SessionRules

STREAM = ["visitor", "stream"]
_STRETCH = [*STREAM, "stretch"]
_CELL = [*_STRETCH, "cell"]
_SESSION = [*_CELL, "part"]


def sessionize(events: ir.Table, rules: SessionRules) -> ir.Table:
    """The events with their session.

    Takes visitor, session_id, customer_id, campaign_id, event_id, created_at, ingested_at, `in_busy_hour`
    and `active_since`: where the events are not all there are, when the stretch began that a stream's first
    event continues; else null.

    Adds `position` in the stream, `previous_at` (of the stream's event before), and of the session:
    `session_key` (the event that came in first, ties by event_id), `session_customer_id`,
    `first_position`, `activity_started_at` and `is_bot`.
    """
    # What is sorted again and again carries no column that doesn't matter to it.
    told = _told(events.select(*_LOOKED_AT), rules)
    return events.drop("in_busy_hour", "active_since").inner_join(told, "event_id")


_LOOKED_AT = (
    *("event_id", "visitor", "session_id", "customer_id", "campaign_id"),
    *("created_at", "ingested_at", "in_busy_hour", "active_since"),
)


def _told(events: ir.Table, rules: SessionRules) -> ir.Table:
    """What is added to the events, by event_id."""
    ordered = ibis.window(group_by=STREAM, order_by=["created_at", "event_id"])
    table = events.mutate(stream=_.session_id.fill_null("")).mutate(
        position=ibis.row_number().over(ordered), previous_at=_.created_at.lag().over(ordered)
    )
    pause = _.created_at > _.previous_at + ibis.interval(minutes=rules.gap_minutes)
    table = table.mutate(pauses=pause.fill_null(True).cast("int64"))
    so_far = ibis.cumulative_window(group_by=STREAM, order_by="position")
    # Selected, not dropped: what lacks a dropped column is no part of its own, and would be sorted for each
    # of those who read it.
    kept = [name for name in table.columns if name != "pauses"]
    table = table.select(*kept, stretch=_.pauses.sum().over(so_far))
    return _keyed(_split(table, _odd(table, rules), rules))


def _odd(table: ir.Table, rules: SessionRules) -> ir.Table:
    """The stretches that are more than one session, or began before their first event here: few."""
    stretches = table.group_by(_STRETCH).aggregate(
        first=_.created_at.min(),
        last=_.created_at.max(),
        continues=_.active_since.min(),
        **{f"{end}_{name}": getattr(_[name], end)() for name in _switching(rules) for end in ("min", "max")},
    )
    earlier = (_.stretch == 1) & (_.continues < _.first)
    stretches = stretches.mutate(began=ibis.ifelse(earlier, _.continues, _.first))
    odd = seconds(_.last) - seconds(_.began) >= rules.longest_hours * 3600
    for name in _switching(rules):
        odd |= _[f"min_{name}"] != _[f"max_{name}"]
    if rules.split_at_midnight:
        odd |= _.first.date() != _.last.date()
    return stretches.filter(odd | (_.began < _.first)).select(*_STRETCH, "began")


def _switching(rules: SessionRules) -> list[str]:
    return ["customer_id", *(["campaign_id"] if rules.split_on_campaign else [])]


def _split(table: ir.Table, odd: ir.Table, rules: SessionRules) -> ir.Table:
    """Numbers the sessions of each stretch: `cell` by time, `part` by who is there."""
    split = table.inner_join(odd, _STRETCH).select(table, "began")
    passed = (seconds(_.created_at) - seconds(_.began)) // (rules.longest_hours * 3600)
    split = split.mutate(cell=passed)
    if rules.split_at_midnight:
        days = split.created_at.date().delta(split.began.date(), unit="day")
        split = split.mutate(cell=_.cell * 1000 + days)  # a stretch in one cell lies in two days at most
    for name in _switching(rules):
        split = _by_switch(split, name)
    parts = split.select("event_id", "began", "cell", "part")
    table = table.left_join(parts, "event_id").drop("event_id_right")
    return table.mutate(cell=_.cell.fill_null(0), part=_.part.fill_null(0))


def _by_switch(table: ir.Table, name: str) -> ir.Table:
    """Counts in `part` how often another non-null value appeared; nulls belong to what was there before."""
    within = [*_CELL, "part"] if "part" in table.columns else _CELL
    so_far = ibis.cumulative_window(group_by=within, order_by="position")
    table = table.mutate(seen=_[name].count().over(so_far))
    table = table.mutate(there=_[name].max().over(ibis.window(group_by=[*within, "seen"])))
    before = _.there.lag().over(ibis.window(group_by=within, order_by="position"))
    table = table.mutate(before=before)
    switches = (_.there != _.before).fill_null(False).cast("int64").sum().over(so_far)
    table = table.mutate(switches=switches)
    part = _.part * 1_000_000 + _.switches if "part" in within else _.switches
    return table.mutate(part=part).drop("seen", "there", "before", "switches")


def _keyed(table: ir.Table) -> ir.Table:
    """What a session's events share."""
    came_in = ibis.struct({"at": table.ingested_at, "event_id": table.event_id})
    sessions = table.group_by(_SESSION).aggregate(
        session_key=_.event_id.argmin(came_in),
        first_position=_.position.min(),
        session_customer_id=_.customer_id.max(),
        is_bot=_.in_busy_hour.any(),
        activity_started_at=_.began.min().fill_null(_.created_at.min()),
    )
    joined = table.inner_join(sessions, _SESSION)
    found = [name for name in sessions.columns if name not in _SESSION]
    return joined.select("event_id", "position", "previous_at", *found)


def busy_hours(events: ir.Table, rules: SessionRules) -> ir.Table:
    """One row per (visitor, `hour`, UTC) with more events than a person makes."""
    many = events.group_by("visitor").aggregate(events=_.count())  # few have so many at all
    events = events.semi_join(many.filter(_.events > rules.bot_events_per_hour), "visitor")
    hours = events.group_by("visitor", hour=_.created_at.truncate("h")).aggregate(events=_.count())
    return hours.filter(_.events > rules.bot_events_per_hour).select("visitor", "hour", busy=True)


def in_busy_hour(events: ir.Table, hours: ir.Table) -> ir.Table:
    """The events with `in_busy_hour`."""
    marked = events.mutate(hour=_.created_at.truncate("h")).left_join(hours, ["visitor", "hour"])
    return marked.mutate(in_busy_hour=_.busy.fill_null(False)).drop(
        "hour", "visitor_right", "hour_right", "busy"
    )


def longest(rules: SessionRules) -> dt.timedelta:
    """No session lasts longer."""
    return dt.timedelta(hours=rules.longest_hours)
