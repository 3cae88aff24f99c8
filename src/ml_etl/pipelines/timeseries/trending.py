"""What sells more than it did: the last week against the four before it."""

import datetime as dt
import math

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.pipelines.timeseries.lines import TOTAL
from ml_etl.pipelines.timeseries.params import TimeseriesParams
from ml_etl.purchases import age_of

WEEK, BEFORE = 7, 28
_KEYS = ["level", "unique_id"]
_NOW, _EARLIER = 0, WEEK
"""The rank is told as of so many days ago."""


def trending(sales: ir.Table, series: ir.Table, as_of: AsOf, params: TimeseriesParams) -> ir.Table:
    """One row per merchandise article and category sold in the last 35 days.

    Ranks are by z, ties by the hot score, then by id, within the level. `rank_delta` is the rank of a week
    ago, by what was known then, less the rank; positive means it rose, null that it had none.
    """
    goods = series.filter(_.is_merchandise & (_.level != TOTAL)).select(*_KEYS)
    before = ibis.literal(as_of.last_day - dt.timedelta(days=_EARLIER + WEEK + BEFORE))
    sold = sales.filter((_.ds > before) & (_.merchandise_units > 0)).semi_join(goods, _KEYS)
    aged = sold.mutate(age=age_of(_.ds, as_of))
    half_life = params.trending.half_life_days
    sums = aged.group_by(_KEYS).aggregate(**_sums(_NOW, half_life), **_sums(_EARLIER, half_life))
    scored = sums.mutate(**{f"z_{ago}": _z(sums, ago) for ago in (_NOW, _EARLIER)})
    ranked = scored.mutate(rank=_rank(scored, _NOW), earlier=_rank(scored, _EARLIER))
    now = {name: ranked[f"{name}_{_NOW}"] for name in ("units", "before", "z", "hot")}
    return ranked.filter(now["hot"].notnull()).select(
        *_KEYS,
        units_7d=now["units"],
        units_28d_before=now["before"],
        growth=(now["units"] + 3) / (_expected(ranked, _NOW) + 3),
        z=now["z"],
        hot=now["hot"],
        rank=_["rank"],
        rank_delta=_.earlier - _["rank"],
    )


def _sums(ago: int, half_life: float) -> dict[str, ibis.Deferred]:
    """Units of the week that ended so many days ago, of the four before it, and the hot score of all five:
    Σ units · 2^(−age/half-life), null without a sale, summed in 10^-24ths so that the order of rows doesn't
    matter.
    """
    age = _.age - ago
    whole = (age >= 0) & (age < WEEK + BEFORE)
    # Later sales are left out of the sum, but weighed as well: upwards, they could grow beyond a decimal.
    decayed = _.merchandise_units * (ibis.greatest(age, 0) * (-math.log(2) / half_life)).exp()
    return {
        f"units_{ago}": _.merchandise_units.sum(where=whole & (age < WEEK)).fill_null(0).cast("int64"),
        f"before_{ago}": _.merchandise_units.sum(where=whole & (age >= WEEK)).fill_null(0).cast("int64"),
        f"hot_{ago}": decayed.cast("decimal(38, 24)").sum(where=whole).cast("float64").round(9),
    }


def _expected(sums: ir.Table, ago: int) -> ir.FloatingValue:
    """Units of a week by the four weeks before."""
    return sums[f"before_{ago}"] / (BEFORE // WEEK)


def _z(sums: ir.Table, ago: int) -> ir.FloatingValue:
    """(s7 − e)/√(e + 1) with e = s28/4."""
    expected = _expected(sums, ago)
    return ((sums[f"units_{ago}"] - expected) / (expected + 1).sqrt()).round(9)


def _rank(scored: ir.Table, ago: int) -> ir.IntegerValue:
    """The place from 1 among those of the level that sold; null for others."""
    hot = scored[f"hot_{ago}"]
    order = [scored[f"z_{ago}"].desc(), hot.desc(), scored.unique_id]
    place = ibis.row_number().over(ibis.window(group_by=[scored.level, hot.isnull()], order_by=order))
    return ibis.ifelse(hot.notnull(), (place + 1).cast("int64"), None)
