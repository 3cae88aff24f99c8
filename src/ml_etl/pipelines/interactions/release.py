"""The last steps: measure what was written, verify it, describe it, ask for its release."""

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _
from scipy.sparse import csr_matrix

from ml_etl.as_of import AsOf
from ml_etl.contracts import tables
from ml_etl.contracts.columns import Contract
from ml_etl.errors import ContractError
from ml_etl.pipelines.interactions import contracts
from ml_etl.pipelines.interactions.params import InteractionsParams
from ml_etl.plan import Plan, ReleaseRequest

ARTEFACTS = (
    "interactions",
    "interactions_csv",
    "matrix",
    "customer_index",
    "article_index",
    "splits",
    "popularity",
    "also_bought",
    "card",
)

_NO_EVENTS = "not known: event columns are null"


def measure(
    pairs: ir.Table,
    splits: ir.Table,
    popularity: ir.Table,
    also_bought: ir.Table,
    customer_index: ir.Table,
    article_index: ir.Table,
    as_of: AsOf,
    params: InteractionsParams,
) -> dict[str, ir.Table]:
    """One-row tables to run: per written table its measures, and its repeated keys."""
    written = _contracts(as_of, params)
    given = (pairs, splits, popularity, also_bought, customer_index, article_index)
    sums: dict[str, dict[str, ibis.Deferred]] = {
        "interactions": {
            "lines": _.purchase_count.sum().cast("int64"),
            "matrix_total": _[params.matrix_value].sum(),
            "min_date": _.first_purchase_date.min().cast("string"),
            "max_date": _.last_purchase_date.max().cast("string"),
        },
        "splits": {"lines": _.purchase_count.sum().cast("int64")},
    }
    return tables.measures(written, given, sums)


def verify(
    measured: dict[str, dict[str, Any]],
    matrix: csr_matrix,
    plan: Plan,
    params: InteractionsParams,
    *counts: dict[str, dict[str, int]],
) -> dict[str, Any]:
    """The checks that were passed, and the counts of the staged tables.

    Raises:
        ContractError: a rule is broken, tables don't agree, or most of the rows have gone.
    """
    written = _contracts(plan.as_of, params)
    passed = tables.verify_all(written, measured)
    _agree(measured, matrix)
    tables.enough(plan, measured["interactions"]["rows"], params.min_share_of_previous)
    return {
        "contracts": passed,
        "tables": {name: rows for staged in counts for name, rows in staged.items()},
        "rows": {name: measured[name]["rows"] for name in written},
        "min_date": measured["interactions"]["min_date"],
        "max_date": measured["interactions"]["max_date"],
    }


def card(
    facts: dict[str, int],
    checks: dict[str, Any],
    events_known: bool,
    as_of: AsOf,
    params: InteractionsParams,
) -> dict[str, Any]:
    """What a reader should know beside the columns."""
    validation_from, test_from = params.splits.cuts(as_of.day)
    return {
        "as_of": as_of.moment.isoformat(),
        "last_day": str(as_of.last_day),
        "timezone": as_of.timezone,
        "also_bought": facts,
        "default_score": params.default_score,
        "matrix_value": params.matrix_value,
        "splits": {"validation_from": str(validation_from), "test_from": str(test_from)},
        "current_not_as_of": ["is_merchandise", "age_band"],
        "events": "those that had come in by then; simulated ones weigh 0" if events_known else _NO_EVENTS,
        "source_rows": checks["tables"],
    }


def request(checks: dict[str, Any], plan: Plan, *artefacts: Any) -> ReleaseRequest:
    """Ask for the release; needs every artefact, so that a run in part never releases."""
    return ReleaseRequest(plan, ARTEFACTS, checks)


def _contracts(as_of: AsOf, params: InteractionsParams) -> dict[str, Contract]:
    return {
        "interactions": contracts.INTERACTIONS,
        "splits": contracts.bounded(contracts.SPLITS, as_of.last_day),
        "popularity": contracts.popularity(params.popularity.weeks),
        "also_bought": contracts.ALSO_BOUGHT,
        "customer_index": contracts.CUSTOMER_INDEX,
        "article_index": contracts.ARTICLE_INDEX,
    }


def _agree(measured: dict[str, dict[str, Any]], matrix: csr_matrix) -> None:
    """The tables and the matrix must tell the same story."""
    pairs, shape = measured["interactions"], matrix.shape
    expected = {
        "lines in splits": (measured["splits"]["lines"], pairs["lines"]),
        "matrix entries": (matrix.nnz, pairs["rows"]),
        "matrix rows": (shape[0], measured["customer_index"]["rows"]),
        "matrix columns": (shape[1], measured["article_index"]["rows"]),
    }
    for what, (came, wanted) in expected.items():
        if (came or 0) != (wanted or 0):
            raise ContractError(f"interactions: {what}: expected {wanted}, came {came}.")
    total, wanted = float(matrix.sum()), float(pairs["matrix_total"] or 0)
    if abs(total - wanted) > 1e-9 * max(1.0, abs(wanted)):
        raise ContractError(f"interactions: sum of the matrix: expected {wanted}, came {total}.")
