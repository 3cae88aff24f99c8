"""One row per series: from when to when it goes, and which of its days say nothing about demand."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.days import days_after
from ml_etl.joins import beside
from ml_etl.pipelines.timeseries.lines import ARTICLE, categories
from ml_etl.pipelines.timeseries.params import TimeseriesParams


def series(
    sales: ir.Table, articles: ir.Table, days: ir.Table, as_of: AsOf, params: TimeseriesParams
) -> ir.Table:
    """One row per series with a first day before the as-of; it goes on to the last complete day.

    The first day is the article's creation where that is known and earlier than its first sale, but not a day
    before the shop's first: that nothing was sold then, nobody knows. An article that never sold has a series
    where its creation is known.
    """
    known = _ranges(_sold(sales), _created(articles, as_of, params))
    ranges = known.cross_join(sales.aggregate(shop_first=_.ds.min())).mutate(
        last_day=ibis.literal(as_of.last_day), first_day=ibis.greatest(_.first_day, _.shop_first)
    )
    t = beside(ranges, _closed(days), on="first_day")
    idle = t.last_day.delta(t.last_sale, unit="day")
    ended, late = idle > params.ended_after_days, t.first_day > t.shop_first
    return t.select(
        "level",
        "unique_id",
        "category",
        "is_merchandise",
        "first_day",
        "last_day",
        days=t.last_day.delta(t.first_day, unit="day") + 1,
        first_sale=t.first_sale,
        last_sale=t.last_sale,
        sold_days=t.sold_days.fill_null(0),
        idle_days=idle,
        before_launch_from=ibis.ifelse(late, t.shop_first, None),
        before_launch_to=ibis.ifelse(late, days_after(t.first_day, -1), None),
        after_last_sale_from=ibis.ifelse(ended, days_after(t.last_sale, 1), None),
        after_last_sale_to=ibis.ifelse(ended, t.last_day, None),
        shop_closed_days=t.closed_days.fill_null(0),
        out_of_stock_days=ibis.null("int64"),
    )


def _sold(sales: ir.Table) -> ir.Table:
    return sales.group_by("level", "unique_id").aggregate(
        first_sale=_.ds.min(),
        last_sale=_.ds.max(),
        sold_days=_.count(),
        sold_merchandise=(_.merchandise_units > 0).any(),
    )


def _created(articles: ir.Table, as_of: AsOf, params: TimeseriesParams) -> ir.Table:
    created = articles.created_on
    known = articles.mutate(created=ibis.ifelse(created < ibis.literal(as_of.day), created, None)).select(
        "article_id", "created", goods=_.is_merchandise
    )
    return known.join(categories(articles, params), "article_id").mutate(level=ibis.literal(ARTICLE))


def _ranges(sold: ir.Table, created: ir.Table) -> ir.Table:
    both = sold.outer_join(
        created, [sold.level == created.level, sold.unique_id == created.article_id]
    ).select(
        level=ibis.coalesce(sold.level, created.level),
        unique_id=ibis.coalesce(sold.unique_id, created.article_id),
        category=created.category,
        is_merchandise=ibis.coalesce(created.goods, sold.sold_merchandise),
        first_day=ibis.least(sold.first_sale, created.created),
        first_sale=sold.first_sale,
        last_sale=sold.last_sale,
        sold_days=sold.sold_days,
    )
    return both.filter(_.first_day.notnull())


def _closed(days: ir.Table) -> ir.Table:
    """Per day of the shop how many days since it, itself included, the shop was closed."""
    since = ibis.window(order_by=ibis.desc("ds"), rows=(None, 0))
    known = days.filter(_.shop_closed.notnull())
    return known.select(
        first_day="ds", closed_days=_.shop_closed.cast("int64").sum().over(since).cast("int64")
    )
