"""What a model may know of day d at horizon h: sales of days ≤ d − h, and the calendar."""

import itertools
import math

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.days import days_after
from ml_etl.pipelines.timeseries.dense import demand, grid
from ml_etl.pipelines.timeseries.lines import ARTICLE
from ml_etl.pipelines.timeseries.params import TimeseriesParams
from ml_etl.pipelines.timeseries.shapes import significant
from ml_etl.selects import chosen

LAGS = (1, 7, 14, 28)
CYCLE = 364
WINDOWS = (7, 28)
EWM_DAYS = 28
_EXACT = 15
_KEYS = ("level", "unique_id", "ds")


def stored_features(sales: ir.Table, series: ir.Table, days: ir.Table, params: TimeseriesParams) -> ir.Table:
    """Features of the total and the merchandise categories, at every horizon of the parameters.

    Articles' would be a table of millions of rows: `ml_etl.timeseries.features` computes those one asks for.
    """
    wanted = series.filter((_.level != ARTICLE) & _.is_merchandise)
    known = _known(demand(sales, wanted), params.features.ewm_half_life_days)
    tables = [_at(horizon, known, wanted, days) for horizon in params.features.horizons_days]
    return ibis.union(*tables)


def features(
    sales: ir.Table, series: ir.Table, days: ir.Table, horizon: int, half_life: float = 7
) -> ir.Table:
    """One row per series and day, up to `horizon` days after the last one, where `y` is null.

    All is told from the newest day that is known, d − horizon: `lag_1` is its sales, `lag_7` those six days
    before it. A lag or window that reaches before the series is null, and `lag_364` is below two cycles.
    `ewm` weighs the last 28 known days by 2^(−days / half_life); `rolling_std` has n − 1.
    """
    return _at(horizon, _known(demand(sales, series), half_life), series, days)


def _at(horizon: int, known: ir.Table, series: ir.Table, days: ir.Table) -> ir.Table:
    """What is known of a day on the one `horizon` days before it."""
    wanted = grid(series, ahead=horizon).mutate(told_on=days_after(_.ds, -horizon))
    told = known.drop("y").rename(told_on="ds")
    found = (
        wanted.left_join(known.select(*_KEYS, "y"), _KEYS)
        .left_join(told, ["level", "unique_id", "told_on"])
        .join(days.drop("holiday", "shop_closed"), "ds")
    )
    ahead = ibis.literal(horizon, "int64")
    return chosen(found, COLUMNS, horizon=ahead, known_days=found.known_days.fill_null(0))


def _known(dense: ir.Table, half_life: float) -> ir.Table:
    """Per day of each series what its sales up to that day tell, whatever it is told for."""
    ordered = {"group_by": ["level", "unique_id"], "order_by": "ds"}
    table = dense.mutate(known_days=_.y.count().over(ibis.window(**ordered, rows=(None, 0))))
    everything = table.y.sum().over(ibis.window(**ordered, rows=(None, 0)))
    return table.mutate(
        **{f"lag_{lag}": _lag(table, lag - 1, ordered) for lag in LAGS},
        lag_364=ibis.ifelse(table.known_days >= 2 * CYCLE, _lag(table, CYCLE - 1, ordered), None),
        **_rolling(table, ordered),
        ewm=_weighted(table, half_life, ordered),
        expanding_mean=everything / table.known_days,
    )


def _lag(table: ir.Table, rows: int, ordered: dict, before: int | None = None) -> ir.IntegerValue:
    """Sales so many days before; `before` the series' first day."""
    return table.y.lag(rows, before).over(ibis.window(**ordered))


def _rolling(table: ir.Table, ordered: dict) -> dict[str, ir.FloatingValue]:
    """Mean and standard deviation from sums of integers, which are exact."""
    found = {}
    for n in WINDOWS:
        full, window = table.known_days >= n, ibis.window(**ordered, rows=(-(n - 1), 0))
        total = table.y.sum().over(window).cast("int64")
        squares = (table.y * table.y).sum().over(window).cast("int64")
        found[f"rolling_mean_{n}"] = ibis.ifelse(full, total / n, None)
        found[f"rolling_std_{n}"] = ibis.ifelse(
            full, ((n * squares - total * total).cast("float64") / (n * (n - 1))).sqrt(), None
        )
    return found


def _weighted(table: ir.Table, half_life: float, ordered: dict) -> ir.FloatingValue:
    """A sum of 28 terms in one order: a row's own arithmetic, which no thread can reorder.

    Numbers of _EXACT digits are the same doubles to every engine. Sales are doubles before they are weighed:
    DuckDB takes a literal for a decimal, and multiplies decimals of 38 digits.
    """
    weights = [significant(math.exp(-n * math.log(2) / half_life), _EXACT) for n in range(EWM_DAYS)]
    terms = [_lag(table, n, ordered, before=0).cast("float64") * weight for n, weight in enumerate(weights)]
    of_days = ibis.array([significant(days, _EXACT) for days in itertools.accumulate(weights)])
    known = (ibis.least(table.known_days, EWM_DAYS) - 1).cast("int32")  # a place: Spark takes no larger one
    return sum(terms[1:], terms[0]) / of_days[known]


COLUMNS = (
    "level",
    "unique_id",
    "ds",
    "horizon",
    "y",
    "known_days",
    *(f"lag_{lag}" for lag in (*LAGS, CYCLE)),
    *(f"rolling_{kind}_{n}" for n in WINDOWS for kind in ("mean", "std")),
    "ewm",
    "expanding_mean",
    "dow",
    "week",
    "month",
    "month_sin",
    "month_cos",
    "is_holiday",
)
