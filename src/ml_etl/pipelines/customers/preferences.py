"""What a customer likes: types, groups, colours, price level, channels, stores."""

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.pipelines.customers.demographics import beside

_DIGITS = 10**12
"""Shares and logarithms are summed as whole 10^-12ths: sums of doubles depend on the order of rows."""

TOPS = {
    "top_product_type": "product_type_name",
    "top_product_group": "product_group_name",
    "top_colour_group": "colour_group_name",
}


def price_percentiles(purchases: ir.Table, articles: ir.Table) -> ir.Table:
    """One row per article with a price and a product type: `percentile` of its mean unit price there.

    Mid-rank: (articles below + half of those equal) / articles of the type, over 0 and below 1. Prices are
    compared to nine digits, so that the last bit of a mean decides nothing.
    """
    priced = purchases.filter(_.price.notnull() & ~_.is_free & _.is_merchandise)
    means = priced.group_by("article_id").aggregate(mean=_.price.mean().cast("float64").round(9))
    typed = means.join(articles.select("article_id", "product_type_name"), "article_id")
    of_type = ibis.window(group_by="product_type_name")
    cheaper = ibis.rank().over(ibis.window(group_by="product_type_name", order_by="mean"))
    equal = _.count().over(ibis.window(group_by=["product_type_name", "mean"]))
    ranked = typed.filter(_.product_type_name.notnull()).mutate(
        below=cheaper, equal=equal, articles=_.count().over(of_type)
    )
    return ranked.select("article_id", percentile=(2 * _.below + _.equal) / (2 * _.articles))


def preferences(
    bought: ir.Table,
    purchases: ir.Table,
    articles: ir.Table,
    percentiles: ir.Table,
    facts: dict[str, dict[str, Any]],
) -> ir.Table:
    """One row per buyer. Tops are by purchase lines of merchandise, ties by name."""
    goods = bought.filter(_.is_merchandise).join(articles.select("article_id", *TOPS.values()), "article_id")
    tops = [_top(goods, column, "lines").rename({name: column}) for name, column in TOPS.items()]
    store = _top(purchases.mutate(lines=1), "store_id", "lines").rename(top_store="store_id")
    habits = _habits(purchases, facts["purchases"])
    return beside(habits, *tops, store, _entropy(goods), _price_level(bought, percentiles))


def _habits(purchases: ir.Table, known: dict[str, Any]) -> ir.Table:
    """Shares of the purchase lines; what the shop can't tell is null."""
    online = (_.sales_channel_id == 2).sum().cast("int64") / _.sales_channel_id.count().nullif(0)
    return purchases.group_by("customer_id").aggregate(
        online_share=online if (known["channels"] or 0) > 1 else ibis.null("float64"),
        discount_share=_.is_discounted.sum().cast("int64") / _.is_discounted.count().nullif(0),
        free_share=_.is_free.sum().cast("int64") / _.count(),
        store_count=_.store_id.nunique() if known["stores"] else ibis.null("int64"),
    )


def _top(lines: ir.Table, column: str, weight: str) -> ir.Table:
    """One row per customer: the value of `column` with the most lines, ties by name."""
    counted = (
        lines.filter(lines[column].notnull())
        .group_by("customer_id", column)
        .aggregate(weight=_[weight].sum().cast("int64"))
    )
    best = ibis.window(group_by="customer_id", order_by=[ibis.desc("weight"), column])
    return (
        counted.mutate(place=ibis.row_number().over(best)).filter(_.place == 0).select("customer_id", column)
    )


def _entropy(goods: ir.Table) -> ir.Table:
    """Shannon entropy, in nats, of a customer's lines over product types: ln n − Σ c·ln c / n."""
    counted = (
        goods.filter(_.product_type_name.notnull())
        .group_by("customer_id", "product_type_name")
        .aggregate(lines=_.lines.sum().cast("int64"))
    )
    term = (_.lines * _.lines.ln() * _DIGITS).round().cast("decimal(38, 0)")
    sums = counted.group_by("customer_id").aggregate(
        n=_.lines.sum().cast("int64"), terms=term.sum().cast("float64"), types=_.count()
    )
    entropy = ibis.greatest(_.n.ln() - _.terms / _DIGITS / _.n, 0.0)
    return sums.select("customer_id", product_type_entropy=ibis.ifelse(_.types == 1, 0.0, entropy))


def _price_level(bought: ir.Table, percentiles: ir.Table) -> ir.Table:
    """One row per customer: the mean percentile of the priced lines, to 12 digits."""
    priced = bought.filter(_.priced_lines > 0).join(percentiles, "article_id")
    share = (_.percentile * _DIGITS).round().cast("decimal(38, 0)") * _.priced_lines
    return priced.group_by("customer_id").aggregate(
        price_percentile_mean=share.sum().cast("float64") / _DIGITS / _.priced_lines.sum().cast("int64")
    )
