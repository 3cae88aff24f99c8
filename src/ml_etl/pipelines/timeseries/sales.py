"""What was sold: one row per series and day, or week, on which something was."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.days import monday
from ml_etl.pipelines.timeseries.days import weeks_of
from ml_etl.pipelines.timeseries.lines import named

MEASURES = (
    "units",
    "merchandise_units",
    "lines",
    "revenue",
    "buyers",
    "mean_price",
    "discount_depth",
)


def daily(days: ir.Table, promotions: ir.Table, series: ir.Table) -> ir.Table:
    """One row per series and day with a purchase, promotions of its week beside it.

    A promotion is 0 in weeks the shop told of any, and null in the others.
    """
    sold = _priced(days).select("number", "ds", *MEASURES, week=monday(_.ds))
    return named(with_promo(sold, promotions, ["number"]).drop("week"), series)


def weekly(days: ir.Table, lines: ir.Table, calendar: ir.Table, series: ir.Table) -> ir.Table:
    """One row per series and week with a purchase; `ds` is its Monday.

    `is_complete`: all seven days lie between the shop's first and the as-of (the calendar tells which do).
    """
    known = calendar.filter(_.shop_closed.notnull()).group_by(week=monday(_.ds))
    whole = known.aggregate(days=_.count()).select(ds=_.week, is_complete=_.days == 7)
    weeks = named(_priced(weeks_of(days, lines)), series).join(whole, "ds")
    return weeks.select("level", "unique_id", "number", "ds", *MEASURES, "is_complete")


def _priced(sums: ir.Table) -> ir.Table:
    """Quotients of exact sums; the depth is that of the regular value of what has both prices."""
    value = {name: _[name].cast("float64") for name in ("priced_value", "asked_value", "regular_value")}
    return sums.mutate(
        mean_price=value["priced_value"] / _.priced_units,
        discount_depth=1 - value["asked_value"] / value["regular_value"].nullif(0),
    )


def with_promo(sold: ir.Table, promo: ir.Table, series: list[str]) -> ir.Table:
    """Add a series' promotions of the row's `week`; columns `series` tell which it is."""
    told = promo.select(told_week=_.week).distinct()
    joined = sold.left_join(promo, [*series, "week"]).select(sold, *PROMOTIONS)
    joined = joined.left_join(told, joined.week == told.told_week)
    known = joined.told_week.notnull()
    shares = {name: ibis.ifelse(known, joined[name].fill_null(0.0), None) for name in PROMOTIONS}
    return joined.mutate(**shares).drop("told_week")


PROMOTIONS = ("display_share", "mailer_share", "coupon_share")
