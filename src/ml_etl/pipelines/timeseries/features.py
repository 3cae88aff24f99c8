"""What a model may know of day d at horizon h: sales of days ≤ d − h, and the calendar."""

import math
from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.pipelines.timeseries.dense import demand
from ml_etl.pipelines.timeseries.lines import ARTICLE
from ml_etl.pipelines.timeseries.params import TimeseriesParams

LAGS = (1, 7, 14, 28)
CYCLE = 364
WINDOWS = (7, 28)
EWM_DAYS = 28


def stored_features(sales: ir.Table, series: ir.Table, days: ir.Table, params: TimeseriesParams) -> ir.Table:
    """Features of the total and the merchandise categories, at every horizon of the parameters.

    Articles' would be a table of millions of rows: `ml_etl.timeseries.features` computes those one asks for.
    """
    wanted = series.filter((_.level != ARTICLE) & _.is_merchandise)
    half_life = params.features.ewm_half_life_days
    tables = [features(sales, wanted, days, h, half_life) for h in params.features.horizons_days]
    return ibis.union(*tables)


def features(
    sales: ir.Table, series: ir.Table, days: ir.Table, horizon: int, half_life: float = 7
) -> ir.Table:
    """One row per series and day, up to `horizon` days after the last one, where `y` is null.

    All is told from the newest day that is known, d − horizon: `lag_1` is its sales, `lag_7` those six days
    before it. A lag or window that reaches before the series is null, and `lag_364` is below two cycles.
    `ewm` weighs the last 28 known days by 2^(−days / half_life); `rolling_std` has n − 1.
    """
    dense = demand(sales, series, ahead=horizon)
    ordered = {"group_by": ["level", "unique_id"], "order_by": "ds"}

    def over(newest: int, oldest: int | None) -> Any:
        """The known days from the `oldest` back to the `newest`; 0 is the newest one known."""
        first = None if oldest is None else -(horizon + oldest)
        return ibis.window(**ordered, rows=(first, -(horizon + newest)))

    known = dense.mutate(known_days=_.y.count().over(over(0, None)))
    found = known.mutate(
        horizon=ibis.literal(horizon, "int64"),
        **{f"lag_{lag}": _lag(known, horizon + lag - 1, ordered) for lag in LAGS},
        lag_364=ibis.ifelse(known.known_days >= 2 * CYCLE, _lag(known, horizon + CYCLE - 1, ordered), None),
        **_rolling(known, over),
        ewm=_weighted(known, horizon, half_life, ordered),
        expanding_mean=known.y.sum().over(over(0, None)) / known.known_days.nullif(0),
    )
    calendar = days.drop("holiday", "shop_closed")
    return found.join(calendar, "ds").select(*COLUMNS)


def _lag(table: ir.Table, rows: int, ordered: dict) -> ir.IntegerValue:
    return table.y.lag(rows).over(ibis.window(**ordered))


def _rolling(table: ir.Table, over: Callable[..., Any]) -> dict[str, ir.FloatingValue]:
    """Mean and standard deviation from sums of integers, which are exact."""
    found = {}
    for n in WINDOWS:
        full = table.known_days >= n
        total = table.y.sum().over(over(0, n - 1)).cast("int64")
        squares = (table.y * table.y).sum().over(over(0, n - 1)).cast("int64")
        found[f"rolling_mean_{n}"] = ibis.ifelse(full, total / n, None)
        found[f"rolling_std_{n}"] = ibis.ifelse(
            full, ((n * squares - total * total).cast("float64") / (n * (n - 1))).sqrt(), None
        )
    return found


def _weighted(table: ir.Table, horizon: int, half_life: float, ordered: dict) -> ir.FloatingValue:
    """A sum of 28 terms in one order: a row's own arithmetic, which no thread can reorder."""
    lags = [_lag(table, horizon + n, ordered) for n in range(EWM_DAYS)]
    weights = [math.exp(-n * math.log(2) / half_life) for n in range(EWM_DAYS)]
    terms = [lag.fill_null(0) * weight for lag, weight in zip(lags, weights, strict=True)]
    counted = [lag.notnull().ifelse(weight, 0.0) for lag, weight in zip(lags, weights, strict=True)]
    return sum(terms[1:], terms[0]) / sum(counted[1:], counted[0]).nullif(0)


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
