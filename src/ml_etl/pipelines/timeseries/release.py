"""The last steps: measure what was written, verify it, describe it, ask for its release."""

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.contracts import tables
from ml_etl.contracts.columns import Contract
from ml_etl.errors import ContractError
from ml_etl.pipelines.timeseries import contracts
from ml_etl.pipelines.timeseries.params import TimeseriesParams
from ml_etl.plan import Plan, ReleaseRequest

ARTEFACTS = ("timeseries", "weekly", "series", "calendar", "promo", "card")


def measure(
    daily: ir.Table,
    weekly: ir.Table,
    series: ir.Table,
    calendar: ir.Table,
    promo: ir.Table,
    as_of: AsOf,
) -> dict[str, ir.Table]:
    """One-row tables to run: per written table its measures, and its repeated keys."""
    per_level = {
        f"{name}_{level}": _[name].sum(where=_.level == level).cast("string")
        for level in ("article", "category", "total")
        for name in ("lines", "revenue")
    }
    sums: dict[str, dict[str, ibis.Deferred]] = {
        "timeseries": {
            **per_level,
            "article_days": (_.level == "article").sum(),
            "min_date": _.ds.min().cast("string"),
            "max_date": _.ds.max().cast("string"),
        },
        "weekly": per_level,
        "series": {"sold_days": _.sold_days.sum().cast("int64")},
    }
    return tables.measures(_contracts(as_of), (daily, weekly, series, calendar, promo), sums)


def verify(
    measured: dict[str, dict[str, Any]],
    plan: Plan,
    params: TimeseriesParams,
    *counts: dict[str, dict[str, int]],
) -> dict[str, Any]:
    """The checks that were passed, and the counts of the staged tables.

    Raises:
        ContractError: a rule is broken, tables don't agree, or most of the rows have gone.
    """
    written = _contracts(plan.as_of)
    passed = tables.verify_all(written, measured)
    _agree(measured)
    tables.enough(plan, measured["timeseries"]["rows"], params.min_share_of_previous)
    return {
        "contracts": passed,
        "tables": {name: rows for staged in counts for name, rows in staged.items()},
        "rows": {name: measured[name]["rows"] for name in written},
        "sold_article_days": measured["timeseries"]["article_days"] or 0,
        "min_date": measured["timeseries"]["min_date"],
        "max_date": measured["timeseries"]["max_date"],
    }


def card(checks: dict[str, Any], as_of: AsOf, params: TimeseriesParams) -> dict[str, Any]:
    """What a reader should know beside the columns."""
    return {
        "as_of": as_of.moment.isoformat(),
        "last_day": str(as_of.last_day),
        "timezone": as_of.timezone,
        "category": params.category,
        "current_not_as_of": ["category", "is_merchandise", "promotions of known weeks"],
        "out_of_stock": "null: no history of stock is landed",
        "sold_article_days": checks["sold_article_days"],
        "source_rows": checks["tables"],
    }


def request(checks: dict[str, Any], plan: Plan, *artefacts: Any) -> ReleaseRequest:
    """Ask for the release; needs every artefact, so that a run in part never releases."""
    return ReleaseRequest(plan, ARTEFACTS, checks)


def _contracts(as_of: AsOf) -> dict[str, Contract]:
    return {
        "timeseries": contracts.bounded(contracts.DAILY, as_of.last_day),
        "weekly": contracts.bounded(contracts.WEEKLY, as_of.last_day),
        "series": contracts.SERIES,
        "calendar": contracts.CALENDAR,
        "promo": contracts.PROMO,
    }


def _agree(measured: dict[str, dict[str, Any]]) -> None:
    """Levels and weeks must tell the same story: every line is in each level once."""
    daily, weekly = measured["timeseries"], measured["weekly"]
    for name in ("lines", "revenue"):
        wanted = daily[f"{name}_total"]
        for table, of in (("days", daily), ("weeks", weekly)):
            for level in ("article", "category", "total"):
                if (came := of[f"{name}_{level}"]) != wanted:
                    raise ContractError(
                        f"timeseries: {name} of {level} {table}: expected {wanted}, came {came}."
                    )
    if (measured["series"]["sold_days"] or 0) != daily["rows"]:
        raise ContractError(
            f"timeseries: sold days of the series: expected {daily['rows']}, came "
            f"{measured['series']['sold_days']}."
        )
