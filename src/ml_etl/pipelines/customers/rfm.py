"""Recency, frequency, monetary value: scores by mid-rank, and the segments' names."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.pipelines.customers.params import CustomersParams


def rfm(buyers: ir.Table, params: CustomersParams) -> ir.Table:
    """One row per buyer: monetary, r_score, f_score, m_score (1 to 5, best), rfm_score "545", rfm_segment.

    `buyers` has customer_number, recency_days, frequency and monetary. score = 1 + floor(5·(mid-rank − ½)/n)
    among buyers: equal values share a score, and three customers get 1, 3 and 5.
    """
    scores = [
        _scores(buyers, "recency_days", "r_score", best="lowest"),
        _scores(buyers, "frequency", "f_score"),
        _scores(buyers, "monetary", "m_score"),
    ]
    scored = buyers
    for score in scores:
        scored = scored.inner_join(score, score.columns[0])
    scored = scored.mutate(rfm_score=_text("r_score") + _text("f_score") + _text("m_score"))
    named = [(_.rfm_score.isin(scores), name) for name, scores in params.named_scores.items()]
    return scored.mutate(rfm_segment=ibis.cases(*named)).select(
        "customer_number", "monetary", "r_score", "f_score", "m_score", "rfm_score", "rfm_segment"
    )


def _scores(buyers: ir.Table, column: str, score: str, best: str = "highest") -> ir.Table:
    """One row per value of the column, with its score.

    In whole numbers: mid-rank − ½ is (buyers worse + half of those equal). Values are ranked, not buyers:
    they are fewer, and ranking is the part that no second core helps with.
    """
    values = buyers.group_by(column).aggregate(equal=_.count())
    order = ibis.desc(column) if best == "lowest" else ibis.asc(column)
    upto = values.mutate(
        upto=_.equal.sum().over(ibis.cumulative_window(order_by=order)),
        everyone=_.equal.sum().over(ibis.window()),
    )
    doubled = 2 * (_.upto - _.equal) + _.equal
    return upto.select(column, (1 + (5 * doubled) // (2 * _.everyone)).cast("int64").name(score))


def _text(score: str) -> ir.StringValue:
    return _[score].cast("string")
