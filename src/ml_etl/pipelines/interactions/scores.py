"""Decay scores: how much each single purchase still counts, by its age in days.

Sums must not depend on the order of rows, and sums of doubles do. So each term becomes an integer of
10^-30ths before it is added up. 2^(−364/7) is 2e-16: with 24 digits a year-old purchase would be wrong in
the ninth place.
"""

import math
from typing import Any

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


def decayed(
    purchases: ir.Table, quotients: ir.Table, known: dict[str, Any], weight: WeightParams
) -> ir.Table:
    """The purchase lines with what each still counts, by score; `known["oldest"]` is the largest age.

    Ages are few and lines are many: looking a term up is three times faster than computing it per line.
    """
    exponential = (_.age * (-1 / 30)).exp()
    terms = {
        "score_exponential": exponential,
        **{_half_life_score(days): half_life(_.age, days) for days in _half_lives(weight)},
        "score_reciprocal": 1 / (_.age + 1),
    }
    ages = ibis.range(0, (known["oldest"] or 0) + 1).unnest().name("age").as_table()
    ages = ages.mutate(exponential=exponential, **{name: counted(term) for name, term in terms.items()})
    lines = purchases.join(ages, "age").left_join(quotients, ["article_number", "block"])
    return lines.mutate(score_trend=counted(_.exponential * _.q))


def quotients(purchases: ir.Table) -> ir.Table:
    """One row per article and 7-day block: q, its lines in the last block over those in this one.

    Blocks count back from the as-of; articles without a sale in the last block are left out.
    """
    sales = purchases.group_by("article_number", "block").aggregate(lines=_.count())
    latest = sales.filter(_.block == 0).select("article_number", latest=_.lines)
    return sales.join(latest, "article_number").select("article_number", "block", q=_.latest / _.lines)


def summed(weight: WeightParams) -> dict[str, ibis.Deferred]:
    """The sums over single purchases of what `decayed` gives, by column name."""
    half_lives = (_half_life_score(days) for days in HALF_LIVES)
    names = ["score_exponential", *half_lives, "score_reciprocal", "score_trend"]
    sums = {name: total(_[name].sum()) for name in names}
    return sums | {"weight": total(_[_half_life_score(weight.half_life_days)].sum()) * weight.purchase}


def _half_lives(weight: WeightParams) -> dict[float, None]:
    """Those of the scores and the weight's own, each once, in order."""
    return dict.fromkeys([*HALF_LIVES, weight.half_life_days])


def _half_life_score(days: float) -> str:
    return f"score_half_life_{days:g}"


def hyperbolic(count: ir.NumericValue, recency: ir.NumericValue) -> ir.FloatingValue:
    """count / (1 + 0.1 × days since the last purchase)."""
    return count / (recency * 0.1 + 1)
