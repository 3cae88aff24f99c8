"""Decay scores: how much each single purchase still counts, by its age in days.

Sums must not depend on the order of rows, and sums of doubles do. So each term becomes an integer of
10^-30ths before it is added up. 2^(−364/7) is 2e-16: with 24 digits a year-old purchase would be wrong in
the ninth place.
"""

import math

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.pipelines.interactions.params import WeightParams

HALF_LIVES = (7, 30, 90, 180)
_DIGITS = 1e30


def counted(term: ir.FloatingValue) -> ir.DecimalValue:
    """A term in 10^-30ths, as a whole number: its sums are exact up to 10^8."""
    return (term * _DIGITS).cast("decimal(38, 0)")


def total(counted_sum: ir.DecimalValue) -> ir.FloatingValue:
    """A sum of counted terms, as a number again."""
    return counted_sum.cast("float64") / _DIGITS


def half_life(age: ir.NumericValue, days: float) -> ir.FloatingValue:
    """2^(−age / days)."""
    return (age * (-math.log(2) / days)).exp()


def decays(purchases: ir.Table, weight: WeightParams) -> ir.Table:
    """One row per age that occurs: what a purchase of that age still counts, by score.

    Ages are few and lines are many: looking a term up is three times faster than computing it per line.
    """
    terms = {
        "score_exponential": (_.age * (-1 / 30)).exp(),
        **{f"score_half_life_{days}": half_life(_.age, days) for days in HALF_LIVES},
        "score_reciprocal": 1 / (_.age + 1),
        "weight": half_life(_.age, weight.half_life_days) * weight.purchase,
    }
    return purchases.select("age").distinct().mutate(**{name: counted(term) for name, term in terms.items()})


def summed() -> dict[str, ibis.Deferred]:
    """The sums over single purchases of what `decays` gives, by column name."""
    names = [
        "score_exponential",
        *(f"score_half_life_{days}" for days in HALF_LIVES),
        "score_reciprocal",
        "weight",
    ]
    return {name: total(_[name].sum()) for name in names}


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
        .aggregate(score_trend=total(counted((_.age * (-1 / 30)).exp() * _.q).sum()))
    )
