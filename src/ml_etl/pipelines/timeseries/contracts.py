"""The released tables of sales: columns, keys and what must hold of each row."""

import datetime as dt
from dataclasses import replace

import ibis

from ml_etl.contracts import MONEY_SUM, Column, Contract, Rule

LEVEL = Column("level", "string", "article, category or total")
UNIQUE_ID = Column("unique_id", "string", "the series: an article's id, a category's name, or total")
_SALES = (
    Column("units", "int64", "units sold", "units"),
    Column("merchandise_units", "int64", "units of merchandise: what is forecast", "units"),
    Column("lines", "int64", "purchase lines", "lines"),
    Column("revenue", MONEY_SUM, "value of the purchases", "currency"),
    Column("buyers", "int64", "distinct customers", "customers"),
    Column("mean_price", "float64", "value per unit where a unit has a price and was not free", "currency"),
    Column(
        "discount_depth",
        "float64",
        "1 − value / value at regular prices, where both are known; known afterwards only",
        "share",
    ),
)
_PROMO = (
    Column("display_share", "float64", "stores that displayed it; known in advance", "share"),
    Column("mailer_share", "float64", "stores that advertised it by mail; known in advance", "share"),
    Column("coupon_share", "float64", "articles with a valid coupon: 0 or 1 for an article", "share"),
)


def share(name: str, low: float = 0, high: float = 1) -> Rule:
    """A rule that keeps a column in a range; null passes."""
    return Rule(
        f"{name}_range", f"{name} must lie in [{low}, {high}]", lambda t: (t[name] < low) | (t[name] > high)
    )


KNOWN_LEVEL = Rule(
    "known_level",
    "a level is article, category or total",
    lambda t: ~t.level.isin(("article", "category", "total")),
)
_SOLD_RULES = (
    KNOWN_LEVEL,
    Rule(
        "something_sold",
        "only what was sold has a row",
        lambda t: (t.units < 1) | (t.lines < 1) | (t.buyers < 1),
    ),
    Rule("buyers_at_most_lines", "buyers ≤ lines", lambda t: t.buyers > t.lines),
    Rule(
        "merchandise_at_most_units",
        "merchandise_units lies between 0 and units",
        lambda t: (t.merchandise_units < 0) | (t.merchandise_units > t.units),
    ),
    Rule("price_not_negative", "mean_price ≥ 0", lambda t: t.mean_price < 0),
    share("display_share"),
    share("mailer_share"),
    share("coupon_share"),
)

DAILY = Contract(
    "timeseries",
    "one row per series and day on which it sold; other days of its range are 0",
    (LEVEL, UNIQUE_ID, Column("ds", "date", "local day"), *_SALES, *_PROMO),
    key=("level", "unique_id", "ds"),
    rules=_SOLD_RULES,
)

WEEKLY = Contract(
    "weekly",
    "one row per series and week in which it sold",
    (
        LEVEL,
        UNIQUE_ID,
        Column("ds", "date", "the week's Monday"),
        *_SALES,
        Column("is_complete", "boolean", "all seven days lie between the shop's first and the as-of"),
    ),
    key=("level", "unique_id", "ds"),
    rules=(
        *_SOLD_RULES[:-3],
        Rule("starts_on_monday", "weeks start on Monday", lambda t: t.ds.day_of_week.index() != 0),
    ),
)

PROMO = Contract(
    "promo",
    "one row per series and week with a promotion; a category's shares are means over its articles",
    (LEVEL, UNIQUE_ID, Column("week", "date", "the week's Monday"), *_PROMO),
    key=("level", "unique_id", "week"),
    rules=(KNOWN_LEVEL, share("display_share"), share("mailer_share"), share("coupon_share")),
)

SERIES = Contract(
    "series",
    "one row per series: its range, and the days that say nothing about demand",
    (
        LEVEL,
        UNIQUE_ID,
        Column("category", "string", "the article's category; null for other levels"),
        Column("is_merchandise", "boolean", "false for fuel, coupons, gift cards and the like"),
        Column(
            "first_day",
            "date",
            "creation where known and earlier, else the first sale; not before the shop's first day",
        ),
        Column("last_day", "date", "the last complete day before the as-of"),
        Column("days", "int64", "last − first + 1", "days"),
        Column("first_sale", "date", "first day with a sale; null without one"),
        Column("last_sale", "date", "last day with a sale; null without one"),
        Column("sold_days", "int64", "days with a sale", "days"),
        Column("idle_days", "int64", "days since the last sale; null without one", "days"),
        Column("before_launch_from", "date", "mask before_launch: the shop's first day; null if none is"),
        Column("before_launch_to", "date", "mask before_launch: the day before first_day"),
        Column("after_last_sale_from", "date", "mask after_last_sale: set once the series is long idle"),
        Column("after_last_sale_to", "date", "mask after_last_sale: last_day"),
        Column("shop_closed_days", "int64", "days of the range on which the shop sold nothing", "days"),
        Column("out_of_stock_days", "int64", "null: no history of stock is landed", "days"),
    ),
    key=("level", "unique_id"),
    rules=(
        KNOWN_LEVEL,
        Rule(
            "days_add_up",
            "days = last − first + 1, and at least 1",
            lambda t: (t.days != t.last_day.delta(t.first_day, unit="day") + 1) | (t.days < 1),
        ),
        Rule(
            "sales_in_range",
            "sales lie in the range, no more days than it has",
            lambda t: (
                (t.first_sale < t.first_day)
                | (t.last_sale > t.last_day)
                | (t.sold_days + t.shop_closed_days > t.days)
            ),
        ),
        Rule(
            "masks_dont_overlap",
            "before_launch ends before the range, after_last_sale begins after the last sale",
            lambda t: (t.before_launch_to >= t.first_day) | (t.after_last_sale_from <= t.last_sale),
        ),
    ),
)

CALENDAR = Contract(
    "calendar",
    "one row per day from the shop's first to the end of the forecast",
    (
        Column("ds", "date", "local day"),
        Column("dow", "int64", "day of the week; 0 is Monday"),
        Column("week", "int64", "ISO week"),
        Column("month", "int64", "month, 1 to 12"),
        Column("month_sin", "float64", "sin 2π(month − 1)/12"),
        Column("month_cos", "float64", "cos 2π(month − 1)/12"),
        Column("is_holiday", "boolean", "a public holiday of the parameter's country"),
        Column("holiday", "string", "its name; null on other days"),
        Column("shop_closed", "boolean", "nothing was sold in the whole shop; null from the as-of on"),
    ),
    key=("ds",),
    rules=(
        share("dow", 0, 6),
        share("week", 1, 53),
        share("month", 1, 12),
        share("month_sin", -1, 1),
        share("month_cos", -1, 1),
    ),
)


def bounded(contract: Contract, last_day: dt.date) -> Contract:
    """The contract, its days bound by what is known."""
    late = Rule("dated_after_as_of", "no day at or after the as-of", lambda t: t.ds > ibis.literal(last_day))
    return replace(contract, rules=(*contract.rules, late))


SALES = (DAILY, WEEKLY, SERIES, CALENDAR, PROMO)
