"""The last steps: measure what was written, verify it, describe it, ask for its release."""

from typing import Any

import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.contracts import tables
from ml_etl.contracts.columns import Contract
from ml_etl.errors import ContractError
from ml_etl.pipelines.articles import contracts
from ml_etl.pipelines.articles.params import ArticlesParams
from ml_etl.plan import Plan, ReleaseRequest

ARTEFACTS = ("articles", "changes", "contents", "catalog_change", "price_and_lifecycle", "card")


def measure(
    articles: ir.Table, changes: ir.Table, contents: ir.Table, params: ArticlesParams
) -> dict[str, ir.Table]:
    """One-row tables to run: per written table its measures, and its repeated keys."""
    sums = {
        "articles": {
            "moved": (_.change_type != "unchanged").sum().fill_null(0),
            "never_sold": _.first_sold.isnull().sum().fill_null(0),
            "min_date": _.first_sold.min().cast("string"),
            "max_date": _.last_sold.max().cast("string"),
        },
        "changes": {"moved": (_.change_type != "removed").sum().fill_null(0)},
    }
    return tables.measures(_contracts(params), (articles, changes, contents), sums)


def verify(
    measured: dict[str, dict[str, Any]],
    plan: Plan,
    params: ArticlesParams,
    *counts: dict[str, dict[str, int]],
) -> dict[str, Any]:
    """The checks that were passed, and the counts of the staged tables.

    Raises:
        ContractError: a rule is broken, tables don't agree, or most of the rows have gone.
    """
    written = _contracts(params)
    passed = tables.verify_all(written, measured)
    told, listed = measured["articles"]["moved"], measured["changes"]["moved"]
    if told != listed:
        raise ContractError(f"articles: new and changed articles: {told} in the table, {listed} in changes.")
    tables.enough(plan, measured["articles"]["rows"], params.min_share_of_previous)
    return {
        "contracts": passed,
        "tables": {name: rows for staged in counts for name, rows in staged.items()},
        "rows": {name: measured[name]["rows"] for name in written},
        "never_sold": measured["articles"]["never_sold"],
        "min_date": measured["articles"]["min_date"],
        "max_date": measured["articles"]["max_date"],
    }


def card(
    checks: dict[str, Any], change: dict[str, Any], as_of: AsOf, params: ArticlesParams
) -> dict[str, Any]:
    """What a reader should know beside the columns."""
    return {
        "as_of": as_of.moment.isoformat(),
        "last_day": str(as_of.last_day),
        "timezone": as_of.timezone,
        "text_columns": list(params.text_columns),
        "category_columns": list(params.category_columns),
        "catalog_change": change,
        "current_not_as_of": ["every source column: attributes are those of the snapshot that was read"],
        "source_rows": checks["tables"],
    }


def request(checks: dict[str, Any], plan: Plan, *artefacts: Any) -> ReleaseRequest:
    """Ask for the release; needs every artefact, so that a run in part never releases."""
    return ReleaseRequest(plan, ARTEFACTS, checks)


def _contracts(params: ArticlesParams) -> dict[str, Contract]:
    return {
        "articles": contracts.articles_contract(params.sales_days),
        "changes": contracts.CHANGES,
        "contents": contracts.CONTENTS,
    }
