"""What a customer likes: types, groups, colours, price level, channels, stores."""

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl import joins
from ml_etl.pipelines.customers.demographics import beside

_DIGITS = 10**12
"""Shares and logarithms are summed as whole 10^-12ths: sums of doubles depend on the order of rows."""

_MOST_NAMES = 2**20
"""More names than a column of TOPS has."""

TOPS = {
    "top_product_type": "product_type_name",
    "top_product_group": "product_group_name",
    "top_colour_group": "colour_group_name",
}


def price_percentiles(purchases: ir.Table, articles: ir.Table) -> ir.Table:
    """One row per article_number with a price and a product type: `percentile` of its mean unit price there.

    Mid-rank: (articles below + half of those equal) / articles of the type, over 0 and below 1, in whole
    10^-12ths. Prices are compared to nine digits, so that the last bit of a mean decides nothing.
    """
    priced = purchases.filter(_.price.notnull() & ~_.is_free & _.is_merchandise)
    means = priced.group_by("article_number").aggregate(mean=_.price.mean().cast("float64").round(9))
    typed = means.join(articles.select("article_number", "product_type_name"), "article_number")
    of_type = ibis.window(group_by="product_type_name")
    cheaper = ibis.rank().over(ibis.window(group_by="product_type_name", order_by="mean"))
    equal = _.count().over(ibis.window(group_by=["product_type_name", "mean"]))
    ranked = typed.filter(_.product_type_name.notnull()).mutate(
        below=cheaper, equal=equal, articles=_.count().over(of_type)
    )
    percentile = (2 * _.below + _.equal) / (2 * _.articles) * _DIGITS
    return ranked.select("article_number", percentile=percentile.round().cast("int64"))


def preferences(
    bought: ir.Table,
    days: ir.Table,
    purchases: ir.Table,
    articles: ir.Table,
    percentiles: ir.Table,
    facts: dict[str, dict[str, Any]],
) -> ir.Table:
    """One row per buyer. Tops are by purchase lines of merchandise, ties by name."""
    names = {column: _names(articles, column) for column in TOPS.values()}
    numbers = _numbered(articles.filter(_.is_merchandise), names)
    summed = {column: _summed(_counted(bought, numbers, column)) for column in names}
    tops = [_top(summed[column], names[column], column).rename({top: column}) for top, column in TOPS.items()]
    blocks = [*tops, _entropy(summed["product_type_name"]), _price_level(bought, percentiles)]
    known = facts["purchases"]
    habits = _habits(days, known)
    if not known["stores"]:  # to look for them takes a scan of all lines
        return beside(habits, *blocks).mutate(store_count=ibis.null("int64"), top_store=ibis.null("string"))
    return beside(habits, *blocks, _stores(purchases))


_COUNTS = ("lines", "online", "channel_lines", "discounted", "compared_lines", "free")


def _habits(days: ir.Table, known: dict[str, Any]) -> ir.Table:
    """Shares of the purchase lines; what the shop can't tell is null."""
    sums = {name: _[name].sum().cast("int64") for name in _COUNTS}
    online = _.online / _.channel_lines.nullif(0)
    return (
        days.group_by("customer_number")
        .aggregate(**sums)
        .select(
            "customer_number",
            online_share=online if (known["channels"] or 0) > 1 else ibis.null("float64"),
            discount_share=_.discounted / _.compared_lines.nullif(0),
            free_share=_.free / _.lines,
        )
    )


def _stores(purchases: ir.Table) -> ir.Table:
    """One row per customer: store_count and top_store, the one with the most lines, ties by name."""
    of_store = purchases.group_by("customer_number", "store_id").aggregate(lines=_.count())
    best = ibis.window(
        group_by="customer_number", order_by=[_.store_id.isnull(), ibis.desc("lines"), "store_id"]
    )
    placed = of_store.mutate(place=ibis.row_number().over(best))
    return placed.group_by("customer_number").aggregate(
        store_count=_.store_id.count(),
        top_store=_.store_id.max(where=_.place == 0),
    )


def _names(articles: ir.Table, column: str) -> ir.Table:
    """The names in a column, numbered in their order: whole numbers are grouped faster than names."""
    names = articles.filter(_[column].notnull()).select(column).distinct()
    return names.mutate(number=ibis.row_number().over(ibis.window(order_by=column)))


def _numbered(articles: ir.Table, names: dict[str, ir.Table]) -> ir.Table:
    """Per article the number of its name in each column, null where it has none."""
    table = articles.select("article_number", *names)
    for column, numbers in names.items():
        table = joins.beside(table, numbers.rename({f"{column}_number": "number"}), on=column)
    return table.select("article_number", **{column: table[f"{column}_number"] for column in names})


def _counted(bought: ir.Table, numbers: ir.Table, column: str) -> ir.Table:
    """One row per customer and number in `column`: lines. What was bought is joined anew for each column:
    joined once for all, it would be kept in memory."""
    known = numbers.filter(_[column].notnull()).select("article_number", number=_[column])
    numbered = bought.select("customer_number", "article_number", "lines").join(known, "article_number")
    return numbered.group_by("customer_number", "number").aggregate(lines=_.lines.sum().cast("int64"))


def _summed(counted: ir.Table) -> ir.Table:
    """One row per customer: what its top and its entropy are told by.

    Lines and number go into one whole number, `both`, whose largest is that of the most lines, ties by name.
    """
    return counted.group_by("customer_number").aggregate(
        both=(_.lines * _MOST_NAMES + (_MOST_NAMES - 1 - _.number)).max(),
        n=_.lines.sum().cast("int64"),
        terms=(_.lines * _.lines.ln() * _DIGITS).round().cast("decimal(38, 0)").sum().cast("float64"),
        types=_.count(),
    )


def _top(summed: ir.Table, names: ir.Table, column: str) -> ir.Table:
    """One row per customer: the name with the most lines."""
    numbered = summed.select("customer_number", number=_MOST_NAMES - 1 - _.both % _MOST_NAMES)
    return numbered.join(names, "number").select("customer_number", column)


def _entropy(summed: ir.Table) -> ir.Table:
    """Shannon entropy, in nats, of a customer's lines over product types: ln n − Σ c·ln c / n."""
    entropy = ibis.greatest(_.n.ln() - _.terms / _DIGITS / _.n, 0.0)
    return summed.select("customer_number", product_type_entropy=ibis.ifelse(_.types == 1, 0.0, entropy))


def _price_level(bought: ir.Table, percentiles: ir.Table) -> ir.Table:
    """One row per customer: the mean percentile of the priced lines, to 12 digits."""
    priced = bought.filter(_.priced_lines > 0).join(percentiles, "article_number")
    return priced.group_by("customer_number").aggregate(
        price_percentile_mean=(_.percentile * _.priced_lines).sum().cast("float64")
        / _DIGITS
        / _.priced_lines.sum().cast("int64")
    )
