"""What articles cost: list, regular and paid prices, known from the purchases before the as-of."""

import ibis.expr.types as ir
from ibis import _

from ml_etl.contracts import MONEY, MONEY_SUM


def prices(purchases: ir.Table) -> ir.Table:
    """One row per article ever sold at a price; free lines and lines without a unit price don't count.

    price_last is the mean of the last day it was sold on; price_regular the highest undiscounted price of
    the last day that tells one, null where the shop doesn't.
    """
    priced = purchases.filter(_.price.notnull() & ~_.is_free)
    daily = priced.group_by("article_number", "t_dat").aggregate(
        lines=_.count(),
        total=_.price.sum().cast(MONEY_SUM),
        low=_.price.min(),
        high=_.price.max(),
        regular=_.regular_price.max(),
    )
    article = daily.group_by("article_number").aggregate(
        last_total=_.total.argmax(_.t_dat),
        last_lines=_.lines.argmax(_.t_dat),
        total=_.total.sum().cast(MONEY_SUM),
        lines=_.lines.sum().cast("int64"),
        price_min=_.low.min(),
        price_max=_.high.max(),
        price_regular=_.regular.argmax(_.t_dat, where=_.regular.notnull()),
    )
    return (
        article.mutate(price_last=_money(_.last_total, _.last_lines), price_mean=_money(_.total, _.lines))
        .mutate(
            discount_depth=_below(_.price_last, _.price_regular),
            discount_vs_max=_below(_.price_last, _.price_max),
        )
        .drop("last_total", "last_lines", "total", "lines")
    )


def _money(total: ir.DecimalValue, lines: ir.IntegerValue) -> ir.DecimalValue:
    return (total.cast("float64") / lines).round(12).cast(MONEY)


def _below(price: ir.DecimalValue, reference: ir.DecimalValue) -> ir.FloatingValue:
    """The share of the reference that was saved, at least 0; null without a reference above 0."""
    saved = 1 - price.cast("float64") / reference.cast("float64").nullif(0)
    return saved.clip(lower=0)
