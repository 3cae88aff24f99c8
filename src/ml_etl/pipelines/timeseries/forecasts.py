"""Forecasts: which series, which model and why, and the days ahead."""

from collections.abc import Collection, Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.pipelines.timeseries.backtest import (
    FALLBACK,
    NONE,
    RECENT_DAYS,
    TESTED,
    Candidate,
    series_of,
)
from ml_etl.pipelines.timeseries.choice import best
from ml_etl.pipelines.timeseries.dense import demand
from ml_etl.pipelines.timeseries.lines import ARTICLE
from ml_etl.pipelines.timeseries.metrics import pooled
from ml_etl.pipelines.timeseries.models import WEEKDAY_MEAN, WeekdayMean, predict
from ml_etl.pipelines.timeseries.params import TimeseriesParams
from ml_etl.pipelines.timeseries.shapes import BACKTEST, FORECASTS, MODELS, table_of

Forecast = dict[str, np.ndarray]
"""What `predict` gives of one series by one model."""


def history(sales: ir.Table, series: ir.Table, as_of: AsOf, params: TimeseriesParams) -> ir.Table:
    """The end of the lazy part: (level, unique_id, ds, y), every day of the series that may be forecast.

    They are the total, the merchandise categories, and the best selling articles of the last 91 days.
    """
    goods = series.filter(_.is_merchandise)
    since = as_of.day - pd.Timedelta(days=RECENT_DAYS)
    recent = sales.filter((_.level == ARTICLE) & (_.ds >= ibis.literal(since)) & (_.merchandise_units > 0))
    sellers = recent.group_by("level", "unique_id").aggregate(sold=_.merchandise_units.sum())
    top = sellers.order_by([_.sold.desc(), "unique_id"]).limit(params.forecasts.top_articles)
    wanted = ibis.union(goods.filter(_.level != ARTICLE), goods.semi_join(top, ["level", "unique_id"]))
    return demand(sales, wanted).order_by("level", "unique_id", "ds")


def forecast(
    frame: pd.DataFrame, windows: pd.DataFrame, as_of: AsOf, params: TimeseriesParams
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """The days ahead, the backtest per series and model, and the chosen model per series."""
    digits = params.forecasts.significant_digits
    tested = pooled(windows, ["level", "unique_id", "model"])
    by_series = dict(iter(tested.groupby(["level", "unique_id"])))
    ahead: list[dict[str, Any]] = []
    chosen: list[dict[str, Any]] = []
    for one in series_of(frame, params.forecasts):
        given = _given(one, params.forecasts.horizon_days)
        choice = _choice(one, by_series.get((one.level, one.unique_id)), given, params.forecasts.min_gain)
        chosen.append(choice)
        ahead += _ahead(one, given, choice["model"], as_of)
    picked = {(row["level"], row["unique_id"], row["model"]) for row in chosen}
    keys = zip(tested["level"], tested["unique_id"], tested["model"], strict=True)
    tested["is_chosen"] = np.array([key in picked for key in keys], dtype=bool)
    return (
        table_of(ahead, FORECASTS, digits),
        table_of(tested.to_dict("records"), BACKTEST, digits),
        table_of(chosen, MODELS, digits),
    )


def _given(one: Candidate, h: int) -> dict[str, Forecast]:
    """The next `h` days by every model that is tried and does not fail; a fallback is tried by one."""
    if one.status == NONE:
        return {}
    models = {WEEKDAY_MEAN: WeekdayMean()} if one.status == FALLBACK else one.models()
    found = {name: predict(model, one.y, h) for name, model in models.items()}
    return {name: forecast for name, forecast in found.items() if forecast is not None}


def _choice(
    one: Candidate, tested: pd.DataFrame | None, given: Collection[str], min_gain: float
) -> dict[str, Any]:
    """The best model that was tested and can forecast the days ahead, and how it compares."""
    row: dict[str, Any] = {
        "level": one.level,
        "unique_id": one.unique_id,
        "status": one.status,
        "days": len(one.y),
        "reason": one.why,
        "model": WEEKDAY_MEAN if WEEKDAY_MEAN in given else None,
    }
    if one.status != TESTED or tested is None:
        return row
    row["model"] = best(tested[tested.model.isin(given)], min_gain).model.item()
    by_model = tested.set_index("model")
    row |= by_model.loc[row["model"]].drop(["level", "unique_id"]).to_dict()
    measure = "mase" if tested.mase.notna().any() else "mae"
    errors = by_model[measure].sort_values(kind="stable").dropna()
    others = ", ".join(f"{model} {value:.3f}" for model, value in errors.items() if model != row["model"])
    row["reason"] = (
        f"{measure.upper()} of {int(row['origins'])} origins: {errors[row['model']]:.3f}; {others}; "
        f"in place of {WEEKDAY_MEAN} a model must be {min_gain:.0%} better"
    )
    return row


def _ahead(
    one: Candidate, given: Mapping[str, Forecast], chosen: str | None, as_of: AsOf
) -> list[dict[str, Any]]:
    return [
        _day(one, name, name == chosen, as_of, n, forecast)
        for name, forecast in given.items()
        for n in range(len(forecast["mean"]))
    ]


def _day(one: Candidate, name: str, chosen: bool, as_of: AsOf, n: int, given: Forecast) -> dict[str, Any]:
    values = {key.replace("-", "_"): float(value[n]) for key, value in given.items()}
    return {
        "level": one.level,
        "unique_id": one.unique_id,
        "ds": (as_of.day + pd.Timedelta(days=n)),
        "horizon": n + 1,
        "model": name,
        "is_chosen": chosen,
        **values,
    }
