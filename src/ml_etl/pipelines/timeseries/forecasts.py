"""Forecasts: which series, which model and why, and the days ahead."""

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
from ml_etl.pipelines.timeseries.dense import demand
from ml_etl.pipelines.timeseries.lines import ARTICLE
from ml_etl.pipelines.timeseries.metrics import pooled
from ml_etl.pipelines.timeseries.models import NAMES, WEEKDAY_MEAN, WeekdayMean, predict
from ml_etl.pipelines.timeseries.params import TimeseriesParams
from ml_etl.pipelines.timeseries.shapes import BACKTEST, FORECASTS, MODELS, table_of


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
        choice = _choice(one, by_series.get((one.level, one.unique_id)))
        chosen.append(choice)
        ahead += _ahead(one, choice["model"], as_of, params.forecasts.horizon_days)
    picked = {(row["level"], row["unique_id"], row["model"]) for row in chosen}
    keys = zip(tested["level"], tested["unique_id"], tested["model"], strict=True)
    tested["is_chosen"] = np.array([key in picked for key in keys], dtype=bool)
    return (
        table_of(ahead, FORECASTS, digits),
        table_of(tested.to_dict("records"), BACKTEST, digits),
        table_of(chosen, MODELS, digits),
    )


def _choice(one: Candidate, tested: pd.DataFrame | None) -> dict[str, Any]:
    """The model with the least MASE; where no scale is known, with the least MAE; ties by simplicity."""
    row: dict[str, Any] = {
        "level": one.level,
        "unique_id": one.unique_id,
        "status": one.status,
        "days": len(one.y),
        "reason": one.why,
        "model": None if one.status == NONE else WEEKDAY_MEAN,
    }
    if one.status != TESTED or tested is None:
        return row
    measure = "mase" if tested.mase.notna().any() else "mae"
    ranked = sorted(
        (value, NAMES.index(model), model)
        for model, value in zip(tested["model"], tested[measure], strict=True)
        if value == value
    )
    row["model"] = ranked[0][2]
    row |= tested.set_index("model").loc[row["model"]].drop(["level", "unique_id"]).to_dict()
    others = ", ".join(f"{model} {value:.3f}" for value, _place, model in ranked[1:])
    row["reason"] = f"least {measure.upper()} of {int(row['origins'])} origins: {ranked[0][0]:.3f}; {others}"
    return row


def _ahead(one: Candidate, chosen: str | None, as_of: AsOf, h: int) -> list[dict[str, Any]]:
    """The next `h` days by every model that was tried; a fallback is tried by one."""
    if chosen is None:
        return []
    models = {WEEKDAY_MEAN: WeekdayMean()} if one.status == FALLBACK else one.models()
    rows = []
    for name, model in models.items():
        given = predict(model, one.y, h)
        rows += [] if given is None else [_day(one, name, chosen, as_of, n, given) for n in range(h)]
    return rows


def _day(
    one: Candidate, name: str, chosen: str, as_of: AsOf, n: int, given: dict[str, np.ndarray]
) -> dict[str, Any]:
    values = {key.replace("-", "_"): float(value[n]) for key, value in given.items()}
    return {
        "level": one.level,
        "unique_id": one.unique_id,
        "ds": (as_of.day + pd.Timedelta(days=n)),
        "horizon": n + 1,
        "model": name,
        "is_chosen": name == chosen,
        **values,
    }
