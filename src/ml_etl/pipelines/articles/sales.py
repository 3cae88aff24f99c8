"""What sold: units, lines and buyers by window, the first and last day, channel and buyers' age."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.pipelines.articles.params import ArticlesParams


def sales(purchases: ir.Table, customers: ir.Table, params: ArticlesParams) -> ir.Table:
    """One row per article ever sold: sums per window, first and last day, channel and buyers' age.

    `buyer_age_mean` averages over distinct buyers whose age is known, never over bands' bounds.
    """
    buyers = _by_buyer(purchases, params).left_join(customers.select("customer_id", "age"), "customer_id")
    sums = {}
    for days in params.sales_days:
        sums[f"sales_lines_{days}d"] = _[f"lines_{days}"].sum().cast("int64")
        sums[f"sales_units_{days}d"] = _[f"units_{days}"].sum().cast("int64")
        sums[f"sales_buyers_{days}d"] = (_[f"lines_{days}"] > 0).sum().cast("int64")
    channels = purchases.aggregate(n_channels=_.sales_channel_id.nunique())
    return (
        buyers.group_by("article_id")
        .aggregate(
            first_sold=_.first_sold.min(),
            last_sold=_.last_sold.max(),
            online=_.online.sum(),
            told=_.told.sum(),
            buyer_age_mean=_.age.mean(),
            **sums,
        )
        .cross_join(channels)
        .mutate(online_share=ibis.ifelse(_.n_channels > 1, _.online / _.told.nullif(0), None))
        .drop("n_channels", "online", "told")
    )


def _by_buyer(purchases: ir.Table, params: ArticlesParams) -> ir.Table:
    """One row per (article_id, customer_id), so that buyers need no DISTINCT."""
    windows = {}
    for days in params.sales_days:
        windows[f"lines_{days}"] = (_.age < days).sum()
        windows[f"units_{days}"] = _.units.sum(where=_.age < days).fill_null(0)
    return purchases.group_by("article_id", "customer_id").aggregate(
        first_sold=_.t_dat.min(),
        last_sold=_.t_dat.max(),
        online=(_.sales_channel_id == 2).sum(),
        told=_.sales_channel_id.count(),
        **windows,
    )
