"""Counts per day of customers, articles and the whole shop, and their sums over the last days."""

import datetime as dt

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from ml_etl.absent import Absent
from ml_etl.expressions import built_once
from ml_etl.parts import NewParts, StoredParts
from ml_etl.pipelines.events.blocks import of_span, spans
from ml_etl.pipelines.events.contracts import EVENTS, shaped
from ml_etl.pipelines.events.count_contracts import BEHAVIOUR, COUNTED, WINDOWS_DAYS
from ml_etl.pipelines.events.days import PART, days_of
from ml_etl.pipelines.events.known import stored
from ml_etl.pipelines.events.scope import Scope
from ml_etl.pipelines.events.types import COUNTS, TYPES

CUSTOMER, ARTICLE, TOTAL = "customer", "article", "total"
_KEY = ["level", "id"]


def daily_counts(events: StoredParts, changed: pd.DataFrame, scope: Scope) -> NewParts:
    """One row per level, id and day that changed: events of each type, without those of bots."""
    names = days_of(changed, "events")
    tables = [_counted(shaped(events.of(of_span(names, span)), EVENTS)) for span in spans(names, scope.spans)]
    return NewParts(tables, PART, names, scope.base)


@built_once
def _counted(events: ir.Table) -> ir.Table:
    day = events.mutate(day=_.created_at.date())
    people = day.filter(~_.is_bot)
    told = ibis.union(
        _counts(people, CUSTOMER, people.session_customer_id),
        _counts(people, ARTICLE, people.article_id),
        _counts(day, TOTAL, ibis.literal("all")),
    )
    return told.mutate(part=_.day)


def _counts(events: ir.Table, level: str, id: ir.Value) -> ir.Table:
    known = events.mutate(id=id, level=ibis.literal(level)).filter(_.id.notnull())
    is_person = ~known.is_bot
    counted = known.group_by("level", "id", "day").aggregate(
        event_count=known.count(where=is_person),
        **{f"{name}_count": known.count(where=is_person & (known.event_type == name)) for name in TYPES},
        other_count=known.count(where=is_person & ~known.event_type.isin(TYPES)),
        bot_events=known.count(where=known.is_bot),
        simulated=_.simulated.any(),
    )
    return shaped(counted, COUNTED)


def behaviour(
    counts: StoredParts,
    counts_before: StoredParts | Absent,
    before: ir.Table | Absent,
    changed: pd.DataFrame,
    bounds: ir.Table,
    scope: Scope,
) -> ir.Table:
    """One row per customer and article with an event in the longest window, which ends today.

    Windows are whole days (UTC), so that within a day only those with other counts are summed anew.
    """
    days = [str(scope.today - dt.timedelta(days=n)) for n in range(max(WINDOWS_DAYS))]
    recent = shaped(counts.of(days), COUNTED)
    if isinstance(before, Absent) or scope.is_new_day:
        return _summed(recent, bounds)
    names = days_of(changed, "events")
    old = shaped(stored(counts_before, COUNTED).of(names), COUNTED)
    return _moved(recent, old, shaped(counts.of(names), COUNTED), before, bounds)


@built_once
def _moved(recent: ir.Table, old: ir.Table, new: ir.Table, before: ir.Table, bounds: ir.Table) -> ir.Table:
    """The rows of before, those with other counts summed anew."""
    moved = old.difference(new).union(new.difference(old)).select(*_KEY).distinct()
    stay = shaped(before.anti_join(moved, _KEY), BEHAVIOUR)
    return stay.union(_summed(recent.semi_join(moved, _KEY), bounds))


@built_once
def _summed(counts: ir.Table, bounds: ir.Table) -> ir.Table:
    told = counts.filter(_.level != TOTAL).cross_join(bounds.select("today"))
    told = told.mutate(age=told.today.delta(told.day, unit="day"))
    sums = {
        f"{name}_{days}d": _[name].sum(where=_.age < days).fill_null(0).cast("int64")
        for days in WINDOWS_DAYS
        for name in ("event_count", *COUNTS)
    }
    table = told.group_by(*_KEY).aggregate(last_day=_.day.max(), **sums, simulated=_.simulated.any())
    rates = {}
    for days in WINDOWS_DAYS:
        views = _[f"view_count_{days}d"] + _[f"click_count_{days}d"]
        carts = _[f"add_to_cart_count_{days}d"]
        rates[f"view_to_cart_{days}d"] = carts / views.nullif(0)
        rates[f"cart_to_purchase_{days}d"] = _[f"purchase_count_{days}d"] / carts.nullif(0)
    return shaped(table.mutate(**rates), BEHAVIOUR)
