"""From days with a sale to every day of a series."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.contracts import MONEY_SUM
from ml_etl.days import days_after, monday
from ml_etl.pipelines.timeseries.sales import MEASURES, PROMOTIONS, with_promo

_KEYS = ("level", "unique_id", "ds")
_COUNTS = ("units", "merchandise_units", "lines", "buyers")


def grid(series: ir.Table, ahead: int = 0) -> ir.Table:
    """One row per series and day (level, unique_id, ds) from its first to `ahead` days after its last."""
    spans = series.select("level", "unique_id", "first_day", n=series.days + ahead)
    return spans.mutate(n=ibis.range(0, spans.n).unnest()).select(
        "level", "unique_id", ds=days_after(_.first_day, _.n)
    )


def densify(sales: ir.Table, series: ir.Table, promo: ir.Table, days: ir.Table) -> ir.Table:
    """One row per day of each of `series`, 0 where nothing was sold; prices are null there.

    `series` is the released table or some of its rows, `days` the released calendar. Adds the masks
    `shop_closed`, `after_last_sale` and `out_of_stock` (null: no history of stock is landed).
    """
    filled = grid(series).left_join(sales.drop(*PROMOTIONS), list(_KEYS)).select(*_KEYS, *MEASURES)
    filled = filled.mutate(
        **{name: filled[name].fill_null(0) for name in _COUNTS},
        revenue=filled.revenue.fill_null(ibis.literal(0).cast(MONEY_SUM)),
        week=monday(filled.ds),
    )
    ends = series.select("level", "unique_id", "after_last_sale_from")
    masked = (
        with_promo(filled, promo, ["level", "unique_id"])
        .drop("week")
        .left_join(days.select("ds", "shop_closed"), "ds")
        .left_join(ends, ["level", "unique_id"])
    )
    return masked.select(
        *_KEYS,
        *MEASURES,
        *PROMOTIONS,
        "shop_closed",
        after_last_sale=(_.ds >= _.after_last_sale_from).fill_null(False),
        out_of_stock=ibis.null("boolean"),
    )


def demand(sales: ir.Table, series: ir.Table, ahead: int = 0) -> ir.Table:
    """(level, unique_id, ds, y): merchandise units of every day; y is null in the days `ahead`."""
    sold = sales.select(*_KEYS, y=_.merchandise_units)
    ends = series.select("level", "unique_id", "last_day")
    filled = grid(series, ahead).left_join(sold, list(_KEYS)).select(*_KEYS, "y")
    joined = filled.join(ends, ["level", "unique_id"])
    return joined.select(*_KEYS, y=ibis.ifelse(_.ds <= _.last_day, _.y.fill_null(0), None))
