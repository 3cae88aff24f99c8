"""Which days change, and the files of the days that do."""

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from ml_etl.absent import Absent
from ml_etl.expressions import built_once
from ml_etl.parts import NewKeys, NewParts, StoredParts
from ml_etl.pipelines.events.blocks import Span, of_span, spans, within
from ml_etl.pipelines.events.contracts import EVENTS, SESSIONS, shaped
from ml_etl.pipelines.events.known import ADDED, REMOVED, stored
from ml_etl.pipelines.events.scope import Scope
from ml_etl.pipelines.events.sessions import recent, touched

PART = "part"


def changed_days(
    compared: ir.Table,
    stamped: StoredParts,
    described: StoredParts,
    sessions: StoredParts | Absent,
    recategorised: ir.Table,
    scope: Scope,
) -> ir.Table:
    """One row per `level` and `day` with rows that are not as they were: events, sessions, or categories
    (of the articles that events are of)."""
    if scope.base is None:
        return _all_days(stamped.all(), described.all())
    known = recent(sessions, SESSIONS, scope)
    return _changed(compared, stamped.all(), described.all(), known, recategorised)


@built_once
def _changed(
    compared: ir.Table, stamped: ir.Table, described: ir.Table, sessions: ir.Table, recategorised: ir.Table
) -> ir.Table:
    added = stamped.filter(_.is_changed).select(day=_.created_at.date())
    gone = compared.filter(_.change == REMOVED).select(day=_.created_at.date())
    now, before = shaped(described, SESSIONS), sessions.semi_join(touched(compared, sessions), "visitor")
    other = now.difference(before).union(before.difference(now)).select(day=_.started_at.date())
    days = {"events": added.union(gone), "sessions": other, "categories": recategorised}
    return _levels(days)


@built_once
def _all_days(stamped: ir.Table, described: ir.Table) -> ir.Table:
    """Where nothing is added to, every day changes."""
    return _levels(
        {
            "events": stamped.select(day=_.created_at.date()),
            "sessions": described.select(day=_.started_at.date()),
        }
    )


def _levels(days: dict[str, ir.Table]) -> ir.Table:
    told = ibis.union(*(table.mutate(level=ibis.literal(level)) for level, table in days.items()))
    return told.distinct().select("level", "day")


def listed(changed_days: ir.Table) -> ir.Table:
    """The end of the lazy part: the days as text."""
    return changed_days.select("level", day=_.day.cast("string"))


def days_of(changed: pd.DataFrame, level: str) -> tuple[str, ...]:
    """The days of one of the tables, ascending."""
    return tuple(sorted(changed.day[changed.level == level]))


def event_days(
    compared: ir.Table,
    stamped: StoredParts,
    events: StoredParts | Absent,
    changed: pd.DataFrame,
    scope: Scope,
) -> NewParts:
    """The events of the days that change: as stamped, and beside them those that stay.

    Sorted by spans of days where events are many: what is sorted at once should fit into memory.
    """
    names, now = days_of(changed, "events"), stamped.all()
    tables = [
        _event_days(compared, now, _stored_days(events, of_span(names, span)), span)
        for span in spans(names, scope.spans)
    ]
    return NewParts(tables, PART, names, scope.base)


def _stored_days(events: StoredParts | Absent, names: list[str]) -> ir.Table | None:
    return None if isinstance(events, Absent) else shaped(events.of(names), EVENTS)


@built_once
def _event_days(
    compared: ir.Table, stamped: ir.Table, before: ir.Table | None, span: Span | None
) -> ir.Table:
    own = stamped.filter(within(span)) if span else stamped
    now = shaped(own.filter(~_.is_context), EVENTS)
    if before is not None:
        gone = compared.filter(_.change == REMOVED)
        now = now.union(before.anti_join(now, "event_id").anti_join(gone, "event_id"))
    return now.mutate(part=_.created_at.date())


def session_days(
    compared: ir.Table,
    described: StoredParts,
    sessions: StoredParts | Absent,
    changed: pd.DataFrame,
    scope: Scope,
) -> NewParts:
    """The sessions of the days that change."""
    names = days_of(changed, "sessions")
    before = shaped(stored(sessions, SESSIONS).of(names), SESSIONS)
    table = _session_days(compared, described.all(), before, recent(sessions, SESSIONS, scope))
    return NewParts(table, PART, names, scope.base)


@built_once
def _session_days(compared: ir.Table, described: ir.Table, before: ir.Table, recent: ir.Table) -> ir.Table:
    stay = before.anti_join(touched(compared, recent), "visitor")
    return shaped(described, SESSIONS).union(stay).mutate(part=_.started_at.date())


def new_keys(compared: ir.Table, scope: Scope) -> NewKeys:
    """The ids of the events that are new, to be found again."""
    return NewKeys(_new_keys(compared), scope.base)


@built_once
def _new_keys(compared: ir.Table) -> ir.Table:
    return compared.filter(_.change == ADDED).select(key=_.event_id, part=_.created_at.date())
