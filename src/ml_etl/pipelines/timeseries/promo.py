"""Promotions per series and week: an article's own, and the mean over a category's articles."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.pipelines.timeseries.lines import ARTICLE, CATEGORY, TOTAL, categories
from ml_etl.pipelines.timeseries.params import TimeseriesParams

_SHARE = "decimal(18, 12)"


def promo(staged: ir.Table, articles: ir.Table, params: TimeseriesParams) -> ir.Table:
    """One row per series and week with a promotion: display_share, mailer_share, coupon_share.

    A category's share is the mean over all of its articles in the catalogue, promoted or not; so is the
    total's. An article's coupon_share is 0 or 1.
    """
    named = categories(articles, params)
    told = staged.join(named, "article_id").select(
        "article_id",
        "category",
        "week",
        display_share=_.display_share.fill_null(0.0).cast(_SHARE),
        mailer_share=_.mailer_share.fill_null(0.0).cast(_SHARE),
        coupon_share=_.coupon.fill_null(False).cast("int64").cast(_SHARE),
    )
    article = _shaped(told, ARTICLE, told.article_id, ibis.literal(1))
    sizes = named.group_by("category").aggregate(articles=_.count())
    category = _shaped(*_summed(told.join(sizes, "category"), CATEGORY, "category"))
    everything = told.cross_join(named.aggregate(articles=_.count()))
    total = _shaped(*_summed(everything.mutate(all=ibis.literal(TOTAL)), TOTAL, "all"))
    return ibis.union(article, category, total)


def _summed(told: ir.Table, level: str, key: str) -> tuple[ir.Table, str, ir.Value, ir.Value]:
    sums = told.group_by(key, "week", "articles").aggregate(
        display_share=_.display_share.sum(),
        mailer_share=_.mailer_share.sum(),
        coupon_share=_.coupon_share.sum(),
    )
    return sums, level, sums[key], sums.articles


def _shaped(sums: ir.Table, level: str, key: ir.Value, articles: ir.Value) -> ir.Table:
    shares = ("display_share", "mailer_share", "coupon_share")
    return sums.select(
        level=ibis.literal(level),
        unique_id=key,
        week=sums.week,
        **{name: sums[name].cast("float64") / articles for name in shares},
    )
