"""Rolling origins: each model forecasts the last windows of each series from what came before them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml_etl.pipelines.timeseries.lines import ARTICLE
from ml_etl.pipelines.timeseries.metrics import errors
from ml_etl.pipelines.timeseries.models import Model, candidates, predict
from ml_etl.pipelines.timeseries.params import ForecastParams, TimeseriesParams

TESTED, FALLBACK, NONE = "tested", "fallback", "none"
RECENT_DAYS = 91


@dataclass(frozen=True)
class Candidate:
    """One series that may be forecast: its values (float64, oldest first) and what can be done with them."""

    level: str
    unique_id: str
    y: np.ndarray
    status: str
    why: str
    intermittent: bool
    fitted: bool

    def models(self) -> dict[str, Model]:
        return candidates(self.intermittent, self.fitted)


def series_of(history: pd.DataFrame, params: ForecastParams) -> list[Candidate]:
    """The series of a frame (level, unique_id, ds, y), one row per day."""
    values = {
        key: rows["y"].to_numpy("float64")
        for key, rows in history.sort_values(["level", "unique_id", "ds"]).groupby(["level", "unique_id"])
    }
    sellers = sorted(
        (key for key in values if key[0] != ARTICLE), key=lambda key: (-values[key][-RECENT_DAYS:].sum(), key)
    )
    fitted = set(sellers[: params.fitted_series])
    return [_candidate(key, y, key in fitted, params) for key, y in values.items()]


def _candidate(key: tuple[str, str], y: np.ndarray, fitted: bool, params: ForecastParams) -> Candidate:
    sold = np.flatnonzero(y)
    idle = len(y) - 1 - int(sold[-1]) if len(sold) else len(y)
    if idle > params.max_idle_days:
        status, why = NONE, f"nothing sold for {idle} days, more than max_idle_days {params.max_idle_days}"
    elif len(y) < params.horizon_days:
        status, why = NONE, f"{len(y)} days of history, fewer than the {params.horizon_days} to be forecast"
    elif len(y) < params.min_days:
        status, why = FALLBACK, f"{len(y)} days of history; testing models needs {params.min_days}"
    elif len(sold) < params.min_sold_days:
        status, why = FALLBACK, f"sold on {len(sold)} days; testing models needs {params.min_sold_days}"
    else:
        status, why = TESTED, ""
    rare = len(sold) > 0 and len(y) / len(sold) >= params.intermittent_adi
    return Candidate(key[0], key[1], y, status, why, rare, fitted)


def backtest(history: pd.DataFrame, params: TimeseriesParams) -> pd.DataFrame:
    """One row per series, model and origin with the errors of `metrics.errors`; origin 1 is the oldest."""
    forecasts = params.forecasts
    rows = [
        {"level": one.level, "unique_id": one.unique_id, **row}
        for one in series_of(history, forecasts)
        if one.status == TESTED
        for row in rolling_origin(one.y, one.models(), forecasts.horizon_days, forecasts.origins)
    ]
    columns = ["level", "unique_id", "model", "origin", "mase", "rmsse", "mape", "pinball", "mae"]
    columns += ["abs_error", "error", "actual", "covered_80", "covered_95"]
    return pd.DataFrame(rows, columns=columns)


def rolling_origin(
    y: np.ndarray, models: Mapping[str, Model], h: int, origins: int, season: int = 7
) -> Iterator[dict[str, object]]:
    """Errors per model and origin; windows of `h` lie end to end before the end of `y`.

    A model that fails on one of the windows has no row for it.
    """
    for origin in range(1, origins + 1):
        end = len(y) - (origins - origin + 1) * h
        train, actual = y[:end], y[end : end + h]
        for name, model in models.items():
            forecast = predict(model, train, h)
            if forecast is not None:
                yield {"model": name, "origin": origin, **errors(train, actual, forecast, season)}
