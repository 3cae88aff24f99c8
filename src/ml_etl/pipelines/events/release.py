"""The last steps: measure what was written, verify it, describe it, ask for its release."""

import datetime as dt
from typing import Any

import ibis.expr.types as ir
import pandas as pd
from ibis import _

from ml_etl.absent import Absent
from ml_etl.clickstream.params import Clickstream
from ml_etl.clickstream.sessions import longest
from ml_etl.contracts import tables
from ml_etl.errors import ContractError
from ml_etl.expressions import built_once
from ml_etl.parts import StoredParts
from ml_etl.pipelines.events.behaviour import ARTICLE, TOTAL
from ml_etl.pipelines.events.contracts import shaped
from ml_etl.pipelines.events.count_contracts import COUNTED
from ml_etl.pipelines.events.days import days_of
from ml_etl.pipelines.events.funnel_contracts import checked_contracts
from ml_etl.pipelines.events.params import EventsParams
from ml_etl.pipelines.events.scope import Scope
from ml_etl.pipelines.events.steps import SESSION, cohort_days
from ml_etl.pipelines.events.totals import of_run
from ml_etl.pipelines.events.types import COUNTS
from ml_etl.plan import Plan, ReleaseRequest

ARTEFACTS = (
    *("events", "sessions", "funnel", "funnel_articles", "daily_counts", "behaviour", "quarantine", "intake"),
    *(
        "event_ids",
        "article_categories",
        "totals",
        "funnel_picture",
        "length_picture",
        "abandonment_picture",
        "card",
    ),
)
RECENT_DAYS = 30


def measure(
    events: StoredParts,
    sessions: StoredParts,
    funnel: StoredParts,
    funnel_articles: StoredParts,
    counts: StoredParts,
    behaviour: ir.Table,
    changed: pd.DataFrame,
    params: EventsParams,
) -> dict[str, ir.Table]:
    """One-row tables to run: of what was written of each table, its measures and its repeated keys."""
    days, cohorts = days_of(changed, "events"), cohort_days(changed, params.funnel)
    windows = [f"{window}-{day}" for window, some in cohorts.items() for day in some]
    given = {
        "events": events.of(days),
        "sessions": sessions.of(days_of(changed, "sessions")),
        "funnel": funnel.of(windows),
        "funnel_articles": funnel_articles.of(cohorts[SESSION]),
        "daily_counts": counts.of(days),
        "behaviour": behaviour,
    }
    return {name: _measured(given[name], name, params.funnel) for name in given}


@built_once
def _measured(table: ir.Table, name: str, funnel: Any) -> ir.Table:
    contract = checked_contracts(funnel)[name]
    sums = {"daily_counts": {"counted": (_.event_count + _.bot_events).sum(where=_.level == TOTAL)}}
    keys = tables.repeated(table, contract).rename(repeated_example="example")
    return tables.measure(table, contract, **sums.get(name, {})).cross_join(keys)


def verify(
    measured: dict[str, dict[str, Any]],
    totals: dict[str, int],
    before: dict[str, int] | Absent,
    scope: Scope,
    params: EventsParams,
) -> dict[str, Any]:
    """The checks that were passed by what was written, and the counts of this run.

    Raises:
        ContractError: a rule is broken, or tables don't agree.
    """
    passed = {}
    for name, contract in checked_contracts(params.funnel).items():
        keys = {"repeated": measured[name]["repeated"], "example": measured[name]["repeated_example"]}
        passed[name] = tables.verify(contract, measured[name], keys)
    written, counted = measured["events"]["rows"], measured["daily_counts"]["counted"] or 0
    if written != counted:
        raise ContractError(
            f"events: {written:,} events on the days written, but {counted:,} in daily_counts."
        )
    return {
        "contracts": passed,
        "tables": {"events": of_run(totals, before)},
        "written_rows": {name: measured[name]["rows"] for name in measured},
        "events": totals["events"],
        "clock": scope.clock.isoformat(),
    }


def facts(
    counts: StoredParts, behaviour: ir.Table, articles: ir.Table | Absent, scope: Scope
) -> dict[str, ir.Table]:
    """One-row tables to run: what the last days held, and of how many articles nobody knows."""
    days = [str(scope.today - dt.timedelta(days=n)) for n in range(RECENT_DAYS)]
    found = {"recent": _recent(shaped(counts.of(days), COUNTED))}
    if not isinstance(articles, Absent):
        found["unknown_articles"] = _unknown_articles(behaviour, articles.select("article_id"))
    return found


@built_once
def _recent(counts: ir.Table) -> ir.Table:
    names = ("event_count", *COUNTS, "bot_events")
    sums = {name: _[name].sum().fill_null(0).cast("int64") for name in names}
    return counts.filter(_.level == TOTAL).aggregate(**sums, simulated=_.simulated.any().fill_null(False))


@built_once
def _unknown_articles(behaviour: ir.Table, articles: ir.Table) -> ir.Table:
    clicked = behaviour.filter(_.level == ARTICLE).mutate(article_id=_.id)
    unknown = clicked.anti_join(articles, "article_id")
    return unknown.aggregate(articles=_.count(), events=_.event_count_30d.sum().fill_null(0).cast("int64"))


def card(
    facts: dict[str, dict[str, Any]],
    totals: dict[str, int],
    scope: Scope,
    params: EventsParams,
    clickstream: Clickstream,
) -> dict[str, Any]:
    """What a reader should know beside the columns."""
    recent = facts["recent"]
    both = recent["view_count"] and recent["click_count"]
    return {
        "clock": scope.clock.isoformat(),
        "final_before": _final_before(scope, params, clickstream).isoformat(),
        "simulated": recent["simulated"],
        f"last_{RECENT_DAYS}_days": recent,
        "unknown_articles": facts.get("unknown_articles", "not known: articles are not released"),
        "clicks_are_views": "views and clicks both occur; clicks count as views, see funnel.steps"
        if both
        else "",
        "category": params.category,
        "steps": {step.name: list(step.types) for step in params.funnel.steps},
        "sessions": clickstream.sessions.model_dump(),
        "source_rows": totals,
        "current_not_as_of": ["categories of articles: those of the articles release that was read"],
    }


def request(checks: dict[str, Any], plan: Plan, *artefacts: Any) -> ReleaseRequest:
    """Ask for the release; needs every artefact, so that a run in part never releases."""
    return ReleaseRequest(plan, ARTEFACTS, checks)


def _final_before(scope: Scope, params: EventsParams, clickstream: Clickstream) -> dt.datetime:
    """Sessions that ended before it stay as they are, whatever comes in on time or late."""
    late = dt.timedelta(hours=params.rules.allowed_late_hours, minutes=clickstream.sessions.gap_minutes)
    return scope.clock - late - clickstream.reading.overlap - longest(clickstream.sessions)
