"""Decay scores: how much each single purchase still counts, by its age in days.

Each term is cast to a decimal of 30 digits before it is summed, so that the sum does not depend on the
order of rows. 2^(−364/7) is 2e-16: with 24 digits a year-old purchase would be wrong in the ninth place.
"""

import math

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.pipelines.interactions.params import WeightParams

HALF_LIVES = (7, 30, 90, 180)
TERM = "decimal(38, 30)"


def exact(term: ir.FloatingValue) -> ir.DecimalValue:
    """A term that sums exactly; at most 10^8 in all."""
    return term.cast(TERM)


def half_life(age: ir.NumericValue, days: float) -> ir.FloatingValue:
    """2^(−age / days)."""
    return (age * (-math.log(2) / days)).exp()


def line_scores(weight: WeightParams) -> dict[str, ibis.Deferred]:
    """Sums over single purchases, by column name."""
    terms = {
        "score_exponential": (_.age * (-1 / 30)).exp(),
        **{f"score_half_life_{days}": half_life(_.age, days) for days in HALF_LIVES},
        "score_reciprocal": 1 / (_.age + 1),
        "weight": weight.purchase * half_life(_.age, weight.half_life_days),
    }
    return {name: exact(term).sum().cast("float64") for name, term in terms.items()}


def hyperbolic(count: ir.NumericValue, recency: ir.NumericValue) -> ir.FloatingValue:
    """count / (1 + 0.1 × days since the last purchase)."""
    return count / (recency * 0.1 + 1)


def trend(purchases: ir.Table) -> ir.Table:
    """One row per (customer_id, article_id): Σ e^(−age/30) × q.

    q is the article's purchase lines in the last 7 days over those in the 7-day block of that purchase,
    blocks counted back from the as-of.
    """
    sales = purchases.group_by("article_id", "block").aggregate(lines=_.count())
    latest = sales.filter(_.block == 0).select("article_id", latest=_.lines)
    quotients = (
        sales.left_join(latest, "article_id")
        .mutate(q=_.latest.fill_null(0) / _.lines)
        .select("article_id", "block", "q")
    )
    return (
        purchases.select("customer_id", "article_id", "block", "age")
        .join(quotients.filter(_.q > 0), ["article_id", "block"])
        .group_by("customer_id", "article_id")
        .aggregate(score_trend=exact((_.age * (-1 / 30)).exp() * _.q).sum().cast("float64"))
    )
