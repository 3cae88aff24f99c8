"""What sells more than it did: the last week against the four before it."""

import math

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.pipelines.timeseries.lines import TOTAL
from ml_etl.pipelines.timeseries.params import TimeseriesParams

WEEK, BEFORE = 7, 28


def trending(sales: ir.Table, series: ir.Table, as_of: AsOf, params: TimeseriesParams) -> ir.Table:
    """One row per merchandise article and category sold in the last 35 days.

    Ranks are by z, ties by the hot score, then by id, within the level. `rank_delta` is the rank of a week
    ago, by what was known then, less the rank; positive means it rose, null that it had none.
    """
    goods = series.filter(_.is_merchandise & (_.level != TOTAL)).select("level", "unique_id")
    sold = sales.semi_join(goods, ["level", "unique_id"]).filter(_.merchandise_units > 0)
    aged = sold.mutate(age=-_.ds.delta(ibis.literal(as_of.last_day), unit="day"))
    now = _ranked(aged, params)
    before = _ranked(aged.filter(_.age >= WEEK).mutate(age=_.age - WEEK), params)
    earlier = before.select("level", "unique_id", earlier=_["rank"])
    both = now.left_join(earlier, ["level", "unique_id"])
    return both.select(
        "level",
        "unique_id",
        "units_7d",
        "units_28d_before",
        "growth",
        "z",
        "hot",
        "rank",
        rank_delta=_.earlier - _["rank"],
    )


def _ranked(aged: ir.Table, params: TimeseriesParams) -> ir.Table:
    """growth = (s7 + 3)/(e + 3), z = (s7 − e)/√(e + 1) with e = s28/4; hot = Σ units · 2^(−age/half-life).

    The hot score is summed in 10^-24ths, so that the order of rows doesn't matter.
    """
    recent = aged.filter(_.age < WEEK + BEFORE)
    decay = (_.age * (-math.log(2) / params.trending.half_life_days)).exp()
    sums = recent.group_by("level", "unique_id").aggregate(
        units_7d=_.merchandise_units.sum(where=_.age < WEEK).fill_null(0).cast("int64"),
        units_28d_before=_.merchandise_units.sum(where=_.age >= WEEK).fill_null(0).cast("int64"),
        hot=(_.merchandise_units * decay).cast("decimal(38, 24)").sum().cast("float64").round(9),
    )
    scored = sums.mutate(e=_.units_28d_before / (BEFORE // WEEK)).mutate(
        growth=(_.units_7d + 3) / (_.e + 3),
        z=((_.units_7d - _.e) / (_.e + 1).sqrt()).round(9),
    )
    order = ibis.window(group_by="level", order_by=[_.z.desc(), _.hot.desc(), "unique_id"])
    return scored.mutate(rank=(ibis.row_number().over(order) + 1).cast("int64")).drop("e")
