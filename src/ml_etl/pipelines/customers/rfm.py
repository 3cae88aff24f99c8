"""Recency, frequency, monetary value: scores by mid-rank, and the segments' names."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.pipelines.customers.params import CustomersParams


def rfm(buyers: ir.Table, params: CustomersParams) -> ir.Table:
    """One row per buyer: r_score, f_score, m_score from 1 to 5 (best), rfm_score "545", rfm_segment.

    `buyers` has customer_id, recency_days, frequency and monetary. score = 1 + floor(5·(mid-rank − ½)/n)
    among buyers: equal values share a score, and three customers get 1, 3 and 5.
    """
    scored = buyers.mutate(
        r_score=_score(_.recency_days, best="lowest"),
        f_score=_score(_.frequency),
        m_score=_score(_.monetary),
    ).mutate(rfm_score=_text("r_score") + _text("f_score") + _text("m_score"))
    named = [(_.rfm_score.isin(scores), name) for name, scores in params.named_scores.items()]
    return scored.mutate(rfm_segment=ibis.cases(*named)).select(
        "customer_id", "r_score", "f_score", "m_score", "rfm_score", "rfm_segment"
    )


def _score(value: ir.NumericValue, best: str = "highest") -> ir.IntegerValue:
    """In whole numbers: mid-rank − ½ is (buyers worse + half of those equal)."""
    order = value if best == "highest" else value.desc()
    worse = ibis.rank().over(ibis.window(order_by=order))
    equal = _.count().over(ibis.window(group_by=value))
    everyone = _.count().over(ibis.window())
    return (1 + (5 * (2 * worse + equal)) // (2 * everyone)).cast("int64")


def _text(score: str) -> ir.StringValue:
    return _[score].cast("string")
