"""Promotions per series and week: an article's own, and the mean over a category's articles."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.pipelines.timeseries.lines import articles_of, total_number

_SHARE = "decimal(18, 12)"


def promotions(staged: ir.Table, series: ir.Table) -> ir.Table:
    """One row per series (`number`) and week with a promotion: display_share, mailer_share, coupon_share.

    A category's share is the mean over all of its articles in the catalogue, promoted or not; so is the
    total's. An article's coupon_share is 0 or 1.
    """
    articles = articles_of(series)
    told = staged.join(articles, "article_number").select(
        "article",
        "category",
        "week",
        display_share=_.display_share.fill_null(0.0).cast(_SHARE),
        mailer_share=_.mailer_share.fill_null(0.0).cast(_SHARE),
        coupon_share=_.coupon.fill_null(False).cast("int64").cast(_SHARE),
    )
    article = _shaped(told, told.article, ibis.literal(1))
    of_category = _summed(told, "category", "week")
    sizes = articles.group_by("category").aggregate(articles=_.count())
    sized = of_category.join(sizes, "category")
    category = _shaped(sized, sized.category, sized.articles)
    of_all = _summed(of_category, "week").cross_join(articles.aggregate(articles=_.count()))
    total = _shaped(of_all, total_number(), of_all.articles)
    return ibis.union(article, category, total)


_SHARES = ("display_share", "mailer_share", "coupon_share")


def _summed(told: ir.Table, *keys: str) -> ir.Table:
    """Sums of decimals, so that it doesn't matter in which order, or whether sums are added up."""
    return told.group_by(*keys).aggregate(**{name: _[name].sum() for name in _SHARES})


def _shaped(sums: ir.Table, number: ir.Value, articles: ir.Value) -> ir.Table:
    return sums.select(
        number=number,
        week=sums.week,
        **{name: sums[name].cast("float64") / articles for name in _SHARES},
    )
