"""What sold: the first and last day, units, lines and buyers by window, channel and buyers' age."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.pipelines.articles.params import ArticlesParams


def sales(purchases: ir.Table) -> ir.Table:
    """One row per article ever sold: first and last day, and the share sold online.

    The share is null where the shop tells of one channel only.
    """
    sold = purchases.group_by("article_number").aggregate(
        first_sold=_.t_dat.min(),
        last_sold=_.t_dat.max(),
        online=_.count(where=_.sales_channel_id == 2),
        told=_.sales_channel_id.count(),
        lowest=_.sales_channel_id.min(),
        highest=_.sales_channel_id.max(),
    )
    shop = ibis.window()
    several = sold.lowest.min().over(shop) < sold.highest.max().over(shop)
    return sold.select(
        "article_number",
        "first_sold",
        "last_sold",
        online_share=ibis.ifelse(several, sold.online / sold.told.nullif(0), None),
    )


def recent_sales(purchases: ir.Table, params: ArticlesParams) -> ir.Table:
    """One row per article sold in the longest window: lines, units and distinct buyers per window."""
    lines = purchases.filter(_.age < max(params.sales_days))
    sums = {}
    for days in params.sales_days:
        recent = lines.age < days
        sums[f"sales_lines_{days}d"] = lines.count(where=recent)
        sums[f"sales_units_{days}d"] = lines.units.sum(where=recent).fill_null(0).cast("int64")
        sums[f"sales_buyers_{days}d"] = lines.customer_number.nunique(where=recent).cast("int64")
    return lines.group_by("article_number").aggregate(**sums)


def buyer_ages(purchases: ir.Table, customers: ir.Table) -> ir.Table:
    """One row per article with a buyer of known age: their mean age, each distinct buyer counted once."""
    known = customers.filter(_.age.notnull()).select("customer_number", "age")
    buyers = purchases.select("article_number", "customer_number").join(known, "customer_number").distinct()
    return buyers.group_by("article_number").aggregate(buyer_age_mean=_.age.mean())
