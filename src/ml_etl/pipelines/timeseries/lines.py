"""Every series with a number, purchase lines, and the series each belongs to."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.contracts import MONEY_SUM
from ml_etl.days import monday
from ml_etl.joins import beside
from ml_etl.pipelines.timeseries.params import TimeseriesParams

ARTICLE, CATEGORY, TOTAL = "article", "category", "total"
LEVELS = (ARTICLE, CATEGORY, TOTAL)
TOTAL_NUMBER = 2**31 - 1
UNKNOWN = "UNKNOWN"
"""The category of articles that have none."""


def numbered_series(articles: ir.Table, params: TimeseriesParams) -> ir.Table:
    """One row per series there may be: `number`, `level`, `unique_id`, and of an article its `article_number`
    and its `category`, a number.

    What is summed is grouped, joined and sorted by number, which takes half the time of level and id. Numbers
    have the order of these; the total is the last, far from the others (TOTAL_NUMBER).
    """
    of_article = categories(articles, params).mutate(level=ibis.literal(ARTICLE))
    of_category = of_article.select("category", level=ibis.literal(CATEGORY)).distinct()
    total = ibis.memtable([{"level": TOTAL, "unique_id": TOTAL}])
    unknown = ibis.null("int64")
    series = ibis.union(
        of_article.select("level", "category", "article_number", unique_id=_.article_id),
        of_category.select("level", "category", article_number=unknown, unique_id=_.category),
        total.select("level", category=ibis.null("string"), article_number=unknown, unique_id=_.unique_id),
    )
    in_order = ibis.row_number().over(ibis.window(order_by=["level", "unique_id"])).cast("int32")
    numbered = series.mutate(number=ibis.ifelse(_.level == TOTAL, total_number(), in_order))
    own = numbered.filter(_.level == CATEGORY).select("category", category_number="number")
    found = beside(numbered, own, on="category")
    return found.select("number", "level", "unique_id", "article_number", category="category_number")


def lines_of(purchases: ir.Table, series: ir.Table) -> ir.Table:
    """One row per purchase line: the numbers of the series it belongs to, its day, its week's Monday, what
    it is worth.

    A line has a price where its quantity counts units and it was not free, and both prices where the
    regular one is known as well.
    """
    named = purchases.join(articles_of(series), "article_number")
    priced = named.price.notnull() & ~named.is_free
    compared = priced & named.regular_price.notnull()
    return named.select(
        "article",
        "category",
        "customer_number",
        "units",
        "is_merchandise",
        "line_value",
        day=_.t_dat,
        week=monday(_.t_dat),
        priced_value=ibis.ifelse(priced, named.line_value, None),
        priced_units=ibis.ifelse(priced, named.units, None),
        asked_value=ibis.ifelse(compared, named.line_value, None),
        regular_value=ibis.ifelse(compared, named.regular_price * named.units, None).cast(MONEY_SUM),
    )


def total_number() -> ir.IntegerValue:
    """As narrow as the other series' numbers, which it is joined with."""
    return ibis.literal(TOTAL_NUMBER, "int32")


def articles_of(series: ir.Table) -> ir.Table:
    """Per article its id and number, and the numbers of its own series (`article`) and its category's."""
    return series.filter(_.level == ARTICLE).select(
        "article_number", "category", article_id="unique_id", article="number"
    )


def named(table: ir.Table, series: ir.Table) -> ir.Table:
    """The rows with `level` and `unique_id` of their series' `number`."""
    return table.join(series, "number").select("level", "unique_id", *table.columns)


def categories(articles: ir.Table, params: TimeseriesParams) -> ir.Table:
    """(article_id, article_number, category)."""
    return articles.select("article_id", "article_number", category=_[params.category].fill_null(UNKNOWN))
