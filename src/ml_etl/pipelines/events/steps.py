"""The events that take a step of the funnel, and the days whose funnels may change."""

import datetime as dt
from collections.abc import Iterable

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from ml_etl.expressions import built_once
from ml_etl.parts import StoredParts
from ml_etl.pipelines.events.blocks import Span
from ml_etl.pipelines.events.contracts import EVENTS, SESSIONS, shaped
from ml_etl.pipelines.events.days import days_of
from ml_etl.pipelines.events.params import EventsParams, FunnelParams

SESSION = "session"


def steps(
    events: StoredParts,
    sessions: StoredParts,
    categories: ir.Table,
    changed: pd.DataFrame,
    params: EventsParams,
) -> ir.Table:
    """One row per event of a person that takes a step, on every day the changed funnels reach.

    `article_id`, `category` and `campaign_id` (the session's) are null where there is none. Visitors and
    sessions are numbers of this run: whole numbers are grouped and joined faster than their texts.
    """
    days = _read_days(cohort_days(changed, params.funnel), params.funnel)
    return _steps(
        shaped(events.of(days), EVENTS),
        shaped(sessions.of(shifted(days, -1, 0)), SESSIONS),
        categories,
        params.funnel,
    )


@built_once
def _steps(events: ir.Table, sessions: ir.Table, categories: ir.Table, funnel: FunnelParams) -> ir.Table:
    number = ibis.cases(
        *((_.event_type.isin(step.types), n) for n, step in enumerate(funnel.steps, 1)),
        else_=ibis.null("int64"),
    )
    taken = events.filter(~_.is_bot).mutate(step=number.cast("int64")).filter(_.step.notnull())
    of_session = sessions.select(
        "session_key",
        visitor_number=ibis.dense_rank().over(ibis.window(order_by="visitor")),
        session=ibis.row_number().over(ibis.window(order_by="session_key")),
        session_day=_.started_at.date(),
        campaign=_.campaign_id,
    )
    table = taken.inner_join(of_session, "session_key").left_join(categories, "article_id")
    return table.select(
        "session",
        "session_day",
        "article_id",
        "category",
        "step",
        visitor=_.visitor_number,
        at=_.created_at,
        day=_.created_at.date(),
        campaign_id=_.campaign,
        is_cart=_.event_type == "add_to_cart",
    )


def shifted(days: Iterable[str], *by: int) -> set[str]:
    """The days, each moved by every one of these numbers of days."""
    return {str(dt.date.fromisoformat(day) + dt.timedelta(days=n)) for day in days for n in by}


def cohort_days(changed: pd.DataFrame, funnel: FunnelParams) -> dict[str, set[str]]:
    """Per window the days whose funnel may change: those from which it reaches a day with other events, or
    with events of articles that changed their category.

    A session has events on the day after it started, too; and what is in its cart, or its campaign, is told
    of its steps on both days.
    """
    events = {*days_of(changed, "events"), *days_of(changed, "categories")}
    found = {SESSION: {*days_of(changed, "sessions"), *shifted(events, -1, 0)}}
    for days in funnel.windows_days:
        found[f"{days}d"] = shifted(events, *range(-days, 2))
    return found


def _read_days(cohorts: dict[str, set[str]], funnel: FunnelParams) -> set[str]:
    reached = shifted(cohorts[SESSION], 0, 1)
    for days in funnel.windows_days:
        reached |= shifted(cohorts[f"{days}d"], *range(-1, days + 1))
    return reached


def cohorts(changed_days: ir.Table, window: str) -> ir.Table:
    """The same lazily: one row per `day` of the window."""
    events = changed_days.filter(_.level != "sessions").select("day")
    if window != SESSION:
        return _around(events, int(window.removesuffix("d")), 1).distinct()
    return (
        changed_days.filter(_.level == "sessions").select("day").union(_around(events, 1, 0), distinct=True)
    )


def reached(span: Span, window: str) -> ibis.Deferred:
    """Whether a step matters to the window's funnel of a day in the span."""
    first, last = span
    if window == SESSION:
        return _.session_day.between(first, last)
    return _.day.between(first, last + dt.timedelta(days=int(window.removesuffix("d"))))


def _around(days: ir.Table, before: int, after: int) -> ir.Table:
    """The days, so many before each, and so many after."""
    each = days.mutate(n=ibis.range(-after, before + 1).unnest())
    return each.select(day=(each.day - each.n.as_interval("D")).cast("date"))


STEP = ["visitor", "session", "session_day", "step", "at", "day", "value"]
"""A step of somebody by something: `value` is the category, the campaign or the article."""


def attributed(steps: ir.Table, column: str) -> ir.Table:
    """The steps with a `value` of `column`: their article's own, else of what is in the session's cart.

    A checkout names no article: it is one of everything the session put into the cart before.
    """
    own = steps.filter(_.article_id.notnull() & _[column].notnull()).mutate(value=_[column])
    carts = own.filter(_.is_cart).group_by("session", "value").aggregate(since=_.at.min())
    bare = steps.filter(_.article_id.isnull())
    taken = bare.inner_join(carts, "session").filter(_.at >= _.since)
    return own.select(*STEP).union(taken.select(*STEP))


@built_once
def by_dimension(steps: ir.Table) -> ir.Table:
    """The steps once per `dimension`: everyone's, by campaign and by category.

    Of views, which are nearly all, only the first of a session and day matters to any path.
    """
    everyone = steps.mutate(value=ibis.literal("all"))
    campaigns = steps.filter(_.campaign_id.notnull()).mutate(value=_.campaign_id)
    tables = {"all": everyone, "campaign": campaigns, "category": attributed(steps, "category")}
    return ibis.union(
        *(first_views(table).mutate(dimension=ibis.literal(name)) for name, table in tables.items())
    )


def first_views(steps: ir.Table) -> ir.Table:
    """The steps, of the first ones only the earliest per session, day and value."""
    grain = [name for name in STEP if name != "at"]
    first = steps.filter(_.step == 1).group_by(*grain).aggregate(at=_.at.min())
    return first.select(*STEP).union(steps.filter(_.step > 1).select(*STEP))
