"""Purchase lines, and the series each belongs to."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.contracts import MONEY_SUM
from ml_etl.pipelines.timeseries.params import TimeseriesParams

ARTICLE, CATEGORY, TOTAL = "article", "category", "total"
LEVELS = (ARTICLE, CATEGORY, TOTAL)
UNKNOWN = "UNKNOWN"
"""The category of articles that have none."""


def lines_of(purchases: ir.Table, articles: ir.Table, params: TimeseriesParams) -> ir.Table:
    """One row per purchase line: what series it belongs to, its day, its week's Monday, what it is worth.

    A line has a price where its quantity counts units and it was not free, and both prices where the
    regular one is known as well.
    """
    named = purchases.join(categories(articles, params), "article_id")
    priced = named.price.notnull() & ~named.is_free
    compared = priced & named.regular_price.notnull()
    return named.select(
        "article_id",
        "category",
        "customer_number",
        "units",
        "is_merchandise",
        "line_value",
        day=_.t_dat,
        week=_.t_dat.truncate("W").cast("date"),
        priced_value=ibis.ifelse(priced, named.line_value, None),
        priced_units=ibis.ifelse(priced, named.units, None),
        asked_value=ibis.ifelse(compared, named.line_value, None),
        regular_value=ibis.ifelse(compared, named.regular_price * named.units, None).cast(MONEY_SUM),
    )


def categories(articles: ir.Table, params: TimeseriesParams) -> ir.Table:
    """(article_id, category)."""
    return articles.select("article_id", category=_[params.category].fill_null(UNKNOWN))
