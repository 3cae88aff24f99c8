"""What was sold: one row per series and day, or week, on which something was."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.contracts import MONEY_SUM
from ml_etl.pipelines.timeseries.params import TimeseriesParams

ARTICLE, CATEGORY, TOTAL = "article", "category", "total"
LEVELS = (ARTICLE, CATEGORY, TOTAL)
UNKNOWN = "UNKNOWN"
"""The category of articles that have none."""

MEASURES = (
    "units",
    "merchandise_units",
    "lines",
    "revenue",
    "buyers",
    "mean_price",
    "discount_depth",
)


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
        "customer_id",
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


def daily(lines: ir.Table, promo: ir.Table) -> ir.Table:
    """One row per series and day with a purchase, promotions of its week beside it.

    A promotion is 0 in weeks the shop told of any, and null in the others.
    """
    sold = _at_levels(lines, "day").mutate(week=_.ds.truncate("W").cast("date"))
    return with_promo(sold, promo).drop("week")


def weekly(lines: ir.Table, days: ir.Table) -> ir.Table:
    """One row per series and week with a purchase; `ds` is its Monday.

    `is_complete`: all seven days lie between the shop's first and the as-of (`days` are those).
    """
    known = days.filter(_.shop_closed.notnull()).group_by(week=_.ds.truncate("W").cast("date"))
    whole = known.aggregate(days=_.count()).select(ds=_.week, is_complete=_.days == 7)
    return (
        _at_levels(lines, "week")
        .join(whole, "ds")
        .select("level", "unique_id", "ds", *MEASURES, "is_complete")
    )


def with_promo(sold: ir.Table, promo: ir.Table) -> ir.Table:
    """Add a series' promotions of the row's `week`."""
    told = promo.select(told_week=_.week).distinct()
    joined = sold.left_join(promo, ["level", "unique_id", "week"]).select(sold, *PROMOTIONS)
    joined = joined.left_join(told, joined.week == told.told_week)
    known = joined.told_week.notnull()
    shares = {name: ibis.ifelse(known, joined[name].fill_null(0.0), None) for name in PROMOTIONS}
    return joined.mutate(**shares).drop("told_week")


PROMOTIONS = ("display_share", "mailer_share", "coupon_share")


def _at_levels(lines: ir.Table, day: str) -> ir.Table:
    keys = {ARTICLE: lines.article_id, CATEGORY: lines.category, TOTAL: ibis.literal(TOTAL)}
    tables = [_sold(lines, level, key, lines[day]) for level, key in keys.items()]
    return ibis.union(*tables)


def _sold(lines: ir.Table, level: str, key: ir.StringValue, day: ir.DateValue) -> ir.Table:
    """One level's sums; quotients are of exact sums."""
    sums = lines.group_by(unique_id=key, ds=day).aggregate(
        units=_.units.sum().cast("int64"),
        merchandise_units=ibis.ifelse(_.is_merchandise, _.units, 0).sum().cast("int64"),
        lines=_.count(),
        revenue=_.line_value.sum().cast(MONEY_SUM),
        buyers=_.customer_id.nunique(),
        priced_value=_.priced_value.sum().cast("float64"),
        priced_units=_.priced_units.sum().cast("float64"),
        asked_value=_.asked_value.sum().cast("float64"),
        regular_value=_.regular_value.sum().cast("float64"),
    )
    return sums.mutate(
        mean_price=_.priced_value / _.priced_units,
        discount_depth=1 - _.asked_value / _.regular_value.nullif(0),
    ).select("unique_id", "ds", *MEASURES, level=ibis.literal(level))[["level", "unique_id", "ds", *MEASURES]]
