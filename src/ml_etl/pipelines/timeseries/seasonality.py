"""Seasons: how a weekday, or a month, differs from the mean, and how much of the movement that explains."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ml_etl.pipelines.timeseries.params import TimeseriesParams
from ml_etl.pipelines.timeseries.shapes import SEASONALITY, table_of

WEEK, YEAR = 7, 364
WEEKDAY, MONTH = "weekday", "month"


def seasonality(history: pd.DataFrame, closed: pd.DataFrame, params: TimeseriesParams) -> pa.Table:
    """Per series of `history` (level, unique_id, ds, y) seven weekdays and twelve months.

    `position` is the weekday (0 is Monday) or the month; `index` its mean over the mean of all days, days on
    which the shop was closed left out. Months are null below two cycles (728 days), both below `min_days`.
    `strength` is max(0, 1 − Var(remainder)/Var(season + remainder)) of an MSTL (Wang, Smith, Hyndman 2006),
    closed days filled with the same weekday's value a week before.
    """
    shut = {pd.Timestamp(day) for day in closed["ds"]}
    rows: list[dict[str, Any]] = []
    ordered = history.sort_values(["level", "unique_id", "ds"])
    for (level, unique_id), one in ordered.groupby(["level", "unique_id"]):
        days = pd.DatetimeIndex(pd.to_datetime(one["ds"]))
        opened = ~days.isin(shut)
        y = one["y"].to_numpy("float64")
        for season, row in _seasons(y, days, opened, params):
            rows.append({"level": level, "unique_id": unique_id, "season": season, **row})
    return table_of(rows, SEASONALITY, params.forecasts.significant_digits)


def _seasons(
    y: np.ndarray, days: pd.DatetimeIndex, opened: np.ndarray, params: TimeseriesParams
) -> list[tuple[str, dict[str, Any]]]:
    enough = len(y) >= params.seasonality.min_days
    two_cycles = enough and len(y) >= 2 * YEAR
    periods = [WEEK, YEAR] if two_cycles else [WEEK] if enough else []
    strengths = _strengths(_filled(y, opened), periods)
    found = []
    for season, places, values, known in (
        (WEEKDAY, range(7), days.dayofweek.to_numpy(), enough),
        (MONTH, range(1, 13), days.month.to_numpy(), two_cycles),
    ):
        strength = strengths.get(WEEK if season == WEEKDAY else YEAR)
        for place in places:
            index = _index(y[opened], values[opened] == place) if known else None
            found.append((season, {"position": place, "index": index, "strength": strength}))
    return found


def _index(y: np.ndarray, there: np.ndarray) -> float | None:
    """The mean there over the mean of all; null where nothing sold or no such day is known."""
    if not there.any() or y.mean() == 0:
        return None
    return float(y[there].mean() / y.mean())


def _filled(y: np.ndarray, opened: np.ndarray) -> np.ndarray:
    filled = y.copy()
    for day in np.flatnonzero(~opened):
        filled[day] = filled[day - WEEK] if day >= WEEK else filled[day]
    return filled


def _strengths(y: np.ndarray, periods: list[int]) -> dict[int, float | None]:
    """Per period the strength of its season; null where nothing moves."""
    if not periods:
        return {}
    from statsforecast.mstl import mstl

    parts = mstl(y, period=periods)
    found: dict[int, float | None] = {}
    for period in periods:
        name = "seasonal" if len(periods) == 1 else f"seasonal{period}"
        season, remainder = parts[name].to_numpy(), parts["remainder"].to_numpy()
        moving = (season + remainder).var()
        found[period] = max(0.0, float(1 - remainder.var() / moving)) if moving > 1e-12 else None
    return found
