"""Each article's prices and sales side by side, and its place among the articles of its product type."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.contracts import MONEY
from ml_etl.joins import beside
from ml_etl.pipelines.articles.params import ArticlesParams
from ml_etl.pipelines.articles.within import within_type
from ml_etl.selects import chosen


def market(
    known: ir.Table,
    prices: ir.Table,
    sales: ir.Table,
    recent_sales: ir.Table,
    buyer_ages: ir.Table,
    params: ArticlesParams,
) -> ir.Table:
    """One row per article: price (list, else regular, else last), stock, sums of sales, places.

    What was not sold in a window has 0 there; what was never sold has null in prices and dates.
    """
    valued = known.select("article_id", "article_number", "product_type_name", "stock", list_price=_.price)
    priced = beside(valued, prices, on="article_number").mutate(
        price=ibis.coalesce(_.list_price, _.price_regular, _.price_last).cast(MONEY)
    )
    places = (
        _places(known, recent_sales, params),
        within_type(priced, "price"),
        within_type(priced, "stock"),
    )
    table = beside(priced, sales, recent_sales, buyer_ages, *places, on="article_number")
    told = [name for name in table.columns if name not in valued.columns]
    sums = {name: table[name].fill_null(0) for name in _sums(params)}
    return chosen(table, ["article_number", *told], **sums)


def _sums(params: ArticlesParams) -> list[str]:
    measures = ("lines", "units", "buyers")
    return [f"sales_{measure}_{days}d" for days in params.sales_days for measure in measures]


def _places(known: ir.Table, recent_sales: ir.Table, params: ArticlesParams) -> ir.Table:
    """One row per article of a type sold in the longest window: its rank and share in each window."""
    types = known.filter(_.product_type_name.notnull()).select("article_number", "product_type_name")
    sold = recent_sales.join(types, "article_number")
    return sold.select(
        "article_number",
        **{name: place for days in params.sales_days for name, place in _place(sold, days).items()},
    )


def _place(sold: ir.Table, days: int) -> dict[str, ir.Value]:
    """Rank by units and share of units within the product type; null where the article sold nothing."""
    units = sold[f"sales_units_{days}d"]
    order = ibis.window(group_by="product_type_name", order_by=[units.desc(), "article_number"])
    of_type = units.sum().over(ibis.window(group_by="product_type_name"))
    sells = units > 0
    return {
        f"sales_rank_{days}d": ibis.ifelse(sells, (ibis.row_number().over(order) + 1).cast("int64"), None),
        f"sales_share_{days}d": ibis.ifelse(sells, units / of_type.nullif(0), None),
    }
