"""How regular a series' demand is, by its weeks."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.days import days_after, monday
from ml_etl.pipelines.timeseries.params import TimeseriesParams


def demand_classes(weekly: ir.Table, series: ir.Table, as_of: AsOf, params: TimeseriesParams) -> ir.Table:
    """One row per merchandise series: ADI, CV² and class over the whole weeks of its range.

    ADI is weeks per week with a sale, CV² the squared coefficient of variation (n − 1) of the units of weeks
    with a sale; a class needs two of those.
    """
    end = monday(ibis.literal(as_of.day))
    ranges = series.filter(_.is_merchandise).select(
        "level",
        "unique_id",
        begin=monday(days_after(_.first_day, 6)),
    )
    whole = ranges.mutate(weeks=ibis.greatest(end.delta(ranges.begin, unit="day") // 7, 0).cast("int64"))
    sold = weekly.filter(_.is_complete & (_.merchandise_units > 0)).select(
        "level", "unique_id", "ds", units=_.merchandise_units
    )
    inside = whole.left_join(sold, ["level", "unique_id"])
    counted = inside.group_by("level", "unique_id", "weeks").aggregate(
        weeks_sold=(_.ds >= _.begin).sum().fill_null(0).cast("int64"),
        total=_.units.sum(where=_.ds >= _.begin).cast("int64"),
        squares=(_.units * _.units).sum(where=_.ds >= _.begin).cast("int64"),
    )
    n, total, squares = counted.weeks_sold, counted.total, counted.squares
    measured = counted.mutate(
        adi=counted.weeks / n.nullif(0),
        cv2=(n * (n * squares - total * total)).cast("float64")
        / ((n - 1).nullif(0) * total * total).cast("float64"),
    )
    return measured.mutate(demand_class=_class(measured, params)).select(
        "level", "unique_id", "weeks", "weeks_sold", "adi", "cv2", "demand_class"
    )


def _class(measured: ir.Table, params: TimeseriesParams) -> ir.StringValue:
    """Syntetos, Boylan, Croston (2005): by ADI 1.32 and CV² 0.49."""
    rare = measured.adi >= params.seasonality.adi_cut
    uneven = measured.cv2 >= params.seasonality.cv2_cut
    return ibis.cases(
        (measured.weeks_sold < 2, None),
        (rare & uneven, "lumpy"),
        (rare, "intermittent"),
        (uneven, "erratic"),
        else_="smooth",
    )
