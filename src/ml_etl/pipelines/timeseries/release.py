"""The last steps: measure what was written, verify it, describe it, ask for its release."""

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.contracts import tables
from ml_etl.contracts.columns import Contract
from ml_etl.errors import ContractError
from ml_etl.pipelines.timeseries import contracts, forecast_contracts
from ml_etl.pipelines.timeseries.backtest import FALLBACK, NONE, TESTED
from ml_etl.pipelines.timeseries.params import TimeseriesParams
from ml_etl.plan import Plan, ReleaseRequest

TABLES = (
    "timeseries",
    "weekly",
    "series",
    "calendar",
    "promo",
    "features",
    "trending",
    "demand",
    "seasonality",
    "forecasts",
    "backtest",
    "models",
)
PICTURES = ("seasonality_picture", "trending_picture", "forecast_picture")
ARTEFACTS = (*TABLES, *PICTURES, "card")


def measure(as_of: AsOf, *written: ir.Table) -> dict[str, ir.Table]:
    """One-row tables to run: per written table, in the order of TABLES, its measures and repeated keys."""
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
        "series": {
            "sold_days": _.sold_days.sum().cast("int64"),
            "of_one_day": (_.days == 1).sum().fill_null(0),
            "history_days": _.days.max(),
        },
        "forecasts": {"chosen": _.is_chosen.sum().fill_null(0)},
        "models": {
            "forecast": _.model.notnull().sum().fill_null(0),
            **{status: (_.status == status).sum().fill_null(0) for status in (TESTED, FALLBACK, NONE)},
        },
    }
    return tables.measures(_contracts(as_of), written, sums)


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
    _agree(measured, params.forecasts.horizon_days)
    tables.enough(plan, measured["timeseries"]["rows"], params.min_share_of_previous)
    return {
        "contracts": passed,
        "tables": {name: rows for staged in counts for name, rows in staged.items()},
        "rows": {name: measured[name]["rows"] for name in written},
        "sold_article_days": measured["timeseries"]["article_days"] or 0,
        "history_days": measured["series"]["history_days"] or 0,
        "series_of_one_day": measured["series"]["of_one_day"],
        "forecasts": {status: measured["models"][status] for status in (TESTED, FALLBACK, NONE)},
        "min_date": measured["timeseries"]["min_date"],
        "max_date": measured["timeseries"]["max_date"],
    }


def card(
    checks: dict[str, Any], accuracy: dict[str, Any], as_of: AsOf, params: TimeseriesParams
) -> dict[str, Any]:
    """What a reader should know beside the columns."""
    return {
        "as_of": as_of.moment.isoformat(),
        "last_day": str(as_of.last_day),
        "timezone": as_of.timezone,
        "category": params.category,
        "current_not_as_of": ["category", "is_merchandise", "promotions of known weeks"],
        "out_of_stock": "null: no history of stock is landed",
        "horizons_days": [*params.features.horizons_days],
        "features": "stored for total and categories; ml_etl.timeseries.features computes articles'",
        "forecasts": "merchandise units; promotions are not among what the models know",
        "accuracy": accuracy,
        "sold_article_days": checks["sold_article_days"],
        "source_rows": checks["tables"],
    }


def request(checks: dict[str, Any], plan: Plan, *artefacts: Any) -> ReleaseRequest:
    """Ask for the release; needs every artefact, so that a run in part never releases."""
    return ReleaseRequest(plan, ARTEFACTS, checks)


def _contracts(as_of: AsOf) -> dict[str, Contract]:
    known = {contract.table: contract for contract in (*contracts.SALES, *forecast_contracts.ANALYSED)}
    for name in ("timeseries", "weekly"):
        known[name] = contracts.bounded(known[name], as_of.last_day)
    return {name: known[name] for name in TABLES}


def _agree(measured: dict[str, dict[str, Any]], horizon: int) -> None:
    """Levels, weeks and forecasts must tell the same story: every line is in each level once."""
    daily, weekly = measured["timeseries"], measured["weekly"]
    for name in ("lines", "revenue"):
        wanted = daily[f"{name}_total"]
        for table, of in (("days", daily), ("weeks", weekly)):
            for level in ("article", "category", "total"):
                _expect(f"{name} of {level} {table}", of[f"{name}_{level}"], wanted)
    _expect("sold days of the series", measured["series"]["sold_days"] or 0, daily["rows"])
    _expect("chosen forecasts", measured["forecasts"]["chosen"], measured["models"]["forecast"] * horizon)


def _expect(what: str, came: Any, wanted: Any) -> None:
    if came != wanted:
        raise ContractError(f"timeseries: {what}: expected {wanted}, came {came}.")
