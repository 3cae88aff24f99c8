"""The last steps: measure what was written, verify it, ask for its release."""

from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _

from ml_etl.contracts import tables
from ml_etl.contracts.columns import Contract
from ml_etl.errors import ContractError
from ml_etl.pipelines.reviews import contracts
from ml_etl.pipelines.reviews.params import ReviewsParams
from ml_etl.plan import Plan, ReleaseRequest

ARTEFACTS = (
    "reviews",
    "aspects",
    "article_sentiment",
    "category_sentiment",
    "sentiment_model",
    "sentiment_vocabulary",
    "vectors",
    "index",
    "vector_card",
    "bm25",
    "bm25_vocabulary",
    "rating_distribution",
    "sentiment_by_rating",
    "aspects_picture",
    "card",
)


def measure(
    reviews: ir.Table, aspects: ir.Table, articles: ir.Table, categories: ir.Table, params: ReviewsParams
) -> dict[str, ir.Table]:
    """One-row tables to run: per written table its measures, and its repeated keys."""
    counted = {"reviews": _.review_count.sum().fill_null(0)}
    sums: dict[str, dict[str, ibis.Deferred]] = {
        "reviews": {
            "vectors": _.has_vector.sum().fill_null(0),
            "simulated": _.simulated.sum().fill_null(0),
            "min_date": _.created_on.min().cast("string"),
            "max_date": _.created_on.max().cast("string"),
        },
        "article_sentiment": counted,
        "category_sentiment": counted,
    }
    written = (reviews, aspects, articles, categories)
    orphans = aspects.anti_join(reviews, "review_id")
    return tables.measures(_contracts(params), written, sums) | {
        "orphans": orphans.aggregate(rows=orphans.count())
    }


def verify(
    measured: dict[str, dict[str, Any]],
    vectors: np.ndarray,
    index: Any,
    bm25: Any,
    plan: Plan,
    params: ReviewsParams,
    *counts: dict[str, dict[str, int]],
) -> dict[str, Any]:
    """The checks that were passed, and the counts of the staged tables.

    Raises:
        ContractError: a rule is broken, artefacts don't agree, or most of the rows have gone.
    """
    written = _contracts(params)
    passed = tables.verify_all(written, measured)
    _agree(measured, vectors, index, bm25)
    main = measured["reviews"]
    tables.enough(plan, main["rows"], params.min_share_of_previous)
    return {
        "contracts": passed,
        "tables": {name: rows for staged in counts for name, rows in staged.items()},
        "rows": {name: measured[name]["rows"] for name in written},
        "simulated": int(main["simulated"]),
        "min_date": main["min_date"],
        "max_date": main["max_date"],
    }


def request(checks: dict[str, Any], plan: Plan, *artefacts: Any) -> ReleaseRequest:
    """Ask for the release; needs every artefact, so that a run in part never releases."""
    return ReleaseRequest(plan, ARTEFACTS, checks)


def _contracts(params: ReviewsParams) -> dict[str, Contract]:
    days = params.summary.slope_days
    return {
        "reviews": contracts.REVIEWS,
        "aspects": contracts.ASPECTS,
        "article_sentiment": contracts.summary_contract("article_id", days),
        "category_sentiment": contracts.summary_contract("category", days),
    }


def _agree(measured: dict[str, dict[str, Any]], vectors: np.ndarray, index: Any, bm25: Any) -> None:
    """Every artefact must know the same reviews."""
    rows = measured["reviews"]["rows"]
    there, unit = _rows_with_vector(vectors)
    expected = {
        "aspects of no review": (measured["orphans"]["rows"], 0),
        "reviews in article_sentiment": (measured["article_sentiment"]["reviews"], rows),
        "reviews in category_sentiment": (measured["category_sentiment"]["reviews"], rows),
        "rows of vectors": (len(vectors), rows),
        "rows of bm25": (bm25.shape[0], rows),
        "rows of vectors that are not all 0": (there, measured["reviews"]["vectors"]),
        "rows of vectors of unit length": (unit, there),
        "keys of the index that are no rows": (int((np.asarray(index.keys) >= rows).sum()), 0),
    }
    for what, (came, wanted) in expected.items():
        if came != wanted:
            raise ContractError(f"reviews: {what}: expected {wanted}, came {came}.")


def _rows_with_vector(vectors: np.ndarray) -> tuple[int, int]:
    """How many rows are not all 0, and how many of length 1; NaN counts as not 0 and not of length 1."""
    squares = np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)
    return int((squares != 0).sum()), int((np.abs(squares - 1) < 1e-3).sum())
