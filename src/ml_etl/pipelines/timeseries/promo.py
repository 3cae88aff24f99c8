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
    of_category = _summed(told, "category", "week")
    sizes = named.group_by("category").aggregate(articles=_.count())
    sized = of_category.join(sizes, "category")
    category = _shaped(sized, CATEGORY, sized.category, sized.articles)
    of_all = _summed(of_category, "week").cross_join(named.aggregate(articles=_.count()))
    total = _shaped(of_all, TOTAL, ibis.literal(TOTAL), of_all.articles)
    return ibis.union(article, category, total)


_SHARES = ("display_share", "mailer_share", "coupon_share")


def _summed(told: ir.Table, *keys: str) -> ir.Table:
    """Sums of decimals, so that it doesn't matter in which order, or whether sums are added up."""
    return told.group_by(*keys).aggregate(**{name: _[name].sum() for name in _SHARES})


def _shaped(sums: ir.Table, level: str, key: ir.Value, articles: ir.Value) -> ir.Table:
    return sums.select(
        level=ibis.literal(level),
        unique_id=key,
        week=sums.week,
        **{name: sums[name].cast("float64") / articles for name in _SHARES},
    )
