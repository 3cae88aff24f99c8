"""What sells: articles ranked by distinct buyers, per age band and for all."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.pipelines.interactions.params import InteractionsParams
from ml_etl.pipelines.interactions.scores import counted, half_life, total

ALL, UNKNOWN = "ALL", "UNKNOWN"


def popularity(
    purchases: ir.Table, customers: ir.Table, articles: ir.Table, params: InteractionsParams
) -> ir.Table:
    """One row per (article_id, age_band) sold in the longest window; merchandise only.

    `age_band` ALL is every customer; a band that the shop itself calls so tells no age, and is UNKNOWN.
    Per window the distinct buyers, the lines and the rank by buyers, ties by id; a window without a sale
    has rank null.
    """
    weeks = params.popularity.weeks
    sold = purchases.filter(_.is_merchandise & (_.age < 7 * max(weeks)))
    banded = _by_band(_by_customer(sold, params), customers, params)
    everyone = banded.group_by("article_number").aggregate(
        age_band=ibis.literal(ALL), **{name: banded[name].sum() for name in _measures(params)}
    )
    both = banded.union(everyone.select(*banded.columns))
    ranked = both.mutate(lines_decayed=total(_.lines_decayed), **_ranks(params))
    named = ranked.join(articles.select("article_id", "article_number"), "article_number")
    return named.select(*columns(params))


def _by_customer(sold: ir.Table, params: InteractionsParams) -> ir.Table:
    """One row per (customer_number, article_number), so that buyers are counted without DISTINCT."""
    lines = {f"lines_{w}w": _.count(where=_.age < 7 * w) for w in params.popularity.weeks}
    decayed = counted(half_life(_.age, params.popularity.half_life_days)).sum()
    return sold.group_by("customer_number", "article_number").aggregate(**lines, lines_decayed=decayed)


def _by_band(buyers: ir.Table, customers: ir.Table, params: InteractionsParams) -> ir.Table:
    bands = customers.select("customer_number", age_band=_.age_band.nullif(ALL).fill_null(UNKNOWN))
    measures = {}
    for week in params.popularity.weeks:
        measures[f"buyers_{week}w"] = _.count(where=_[f"lines_{week}w"] > 0)
        measures[f"lines_{week}w"] = _[f"lines_{week}w"].sum().cast("int64")
    return (
        buyers.join(bands, "customer_number")
        .group_by("article_number", "age_band")
        .aggregate(**measures, lines_decayed=_.lines_decayed.sum())
        .select("article_number", "age_band", *_measures(params))
    )


def _ranks(params: InteractionsParams) -> dict[str, ibis.Deferred]:
    ranked = {f"rank_{w}w": f"buyers_{w}w" for w in params.popularity.weeks}
    return {
        name: ibis.ifelse(_[by] > 0, _rank(by), None)
        for name, by in {**ranked, "rank_decayed": "lines_decayed"}.items()
    }


def _rank(by: str) -> ir.IntegerColumn:
    """Decayed sums are compared to nine digits: exp() rounds, and must not decide what is a tie."""
    value = total(_[by]).round(9) if by == "lines_decayed" else _[by]
    order = ibis.window(group_by="age_band", order_by=[value.desc(), "article_number"])
    return (ibis.row_number().over(order) + 1).cast("int64")


def _measures(params: InteractionsParams) -> list[str]:
    counts = [f"{kind}_{week}w" for week in params.popularity.weeks for kind in ("buyers", "lines")]
    return [*counts, "lines_decayed"]


def columns(params: InteractionsParams) -> list[str]:
    """The table's columns: three per window, then the decayed ones."""
    windows = [f"{kind}_{week}w" for week in params.popularity.weeks for kind in ("buyers", "lines", "rank")]
    return ["article_id", "age_band", *windows, "lines_decayed", "rank_decayed"]
