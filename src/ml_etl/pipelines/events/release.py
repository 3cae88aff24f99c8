"""The last steps: measure what was written, verify it, describe it, ask for its release."""

from typing import Any

import ibis.expr.types as ir
import pandas as pd
from ibis import _

from ml_etl.absent import Absent
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
from ml_etl.pipelines.events.scope import Scope, recent_days
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
    day = _.created_at.date()
    sums = {
        "daily_counts": {"counted": (_.event_count + _.bot_events).sum(where=_.level == TOTAL)},
        "events": {"first": day.min(), "last": day.max(), "simulated": _.simulated.sum().fill_null(0)},
    }
    keys = tables.repeated(table, contract).rename(repeated_example="example")
    return tables.measure(table, contract, **sums.get(name, {})).cross_join(keys)


def verify(
    measured: dict[str, dict[str, Any]],
    totals: dict[str, int],
    before: dict[str, int] | Absent,
    facts: dict[str, dict[str, Any]],
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
        "min_date": str(measured["events"]["first"] or ""),
        "max_date": str(measured["events"]["last"] or ""),
        "simulated": int(measured["events"]["simulated"]),
        "events": totals["events"],
        "bot_events": facts["recent"]["bot_events"],
        "unknown_articles": facts.get("unknown_articles"),
        "clock": scope.clock.isoformat(),
    }


def facts(
    counts: StoredParts, behaviour: ir.Table, articles: ir.Table | Absent, scope: Scope
) -> dict[str, ir.Table]:
    """One-row tables to run: what the last days held, and of how many articles nobody knows."""
    found = {"recent": _recent(shaped(counts.of(recent_days(scope)), COUNTED))}
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


def request(checks: dict[str, Any], plan: Plan, *artefacts: Any) -> ReleaseRequest:
    """Ask for the release; needs every artefact, so that a run in part never releases."""
    return ReleaseRequest(plan, ARTEFACTS, checks)
