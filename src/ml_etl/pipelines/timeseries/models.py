"""The forecasting models: statsforecast's, and two of our own shape, all called alike.

A model has `forecast(y, h, level)`, which gives `mean` and, per level, `lo-80`, `hi-80` and so on.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, Protocol

import numpy as np

LEVELS = (80, 95)
SEASONAL_NAIVE, WEEKDAY_MEAN, WEEKDAY_MEDIAN = "SeasonalNaive", "WeekdayMean", "WeekdayMedian"
CROSTON = "Croston"
AUTO_ETS, THETA = "AutoETS", "DynamicOptimizedTheta"
NAMES = (WEEKDAY_MEAN, SEASONAL_NAIVE, WEEKDAY_MEDIAN, CROSTON, AUTO_ETS, THETA)
"""In the order in which equal errors are decided: the simplest first."""


class Model(Protocol):
    """What can be backtested."""

    def forecast(self, y: np.ndarray, h: int, level: Sequence[int]) -> dict[str, np.ndarray]:
        """`h` values after `y` (float64, oldest first), with intervals."""
        ...


class WeekdayMean:
    """The mean of the last `window` values × the season's index at that place.

    The index of a place in the cycle is its mean over the mean of all values, from all whole cycles. The
    interval is normal, its width from the errors the same rule makes on the last windows of the history (from
    the spread of the values where it is too short for one).
    """

    def __init__(self, season: int = 7, window: int = 28, windows: int = 8):
        self._season, self._window, self._windows = season, window, windows

    def forecast(self, y: np.ndarray, h: int, level: Sequence[int]) -> dict[str, np.ndarray]:
        index = _index(y, self._season)
        errors = [
            y[end : end + h] - self._at(y, end, min(h, len(y) - end), index)
            for end in range(len(y) - self._season, self._window, -self._season)[: self._windows]
        ]
        spread = np.concatenate(errors) if errors else y - y.mean()
        return _normal(self._at(y, len(y), h, index), spread, level)

    def _at(self, y: np.ndarray, end: int, h: int, index: np.ndarray) -> np.ndarray:
        """Forecast from the values before `end`; `index` 0 is the place of y[0]."""
        places = (end + np.arange(h)) % self._season
        return y[max(0, end - self._window) : end].mean() * index[places]


class WeekdayMedian:
    """The median of the season's last `cycles` values at that place; its interval is normal, from their
    spread. What promotions do to a single day does not move it."""

    def __init__(self, season: int = 7, cycles: int = 12):
        self._season, self._cycles = season, cycles

    def forecast(self, y: np.ndarray, h: int, level: Sequence[int]) -> dict[str, np.ndarray]:
        cycles = y[len(y) % self._season :].reshape(-1, self._season)[-self._cycles :]
        medians = np.median(cycles, axis=0)
        return _normal(medians[np.arange(h) % self._season], (cycles - medians).ravel(), level)


class Croston:
    """statsforecast's CrostonClassic, a flat rate; its interval is normal, from the last `window` days."""

    def __init__(self, window: int = 112):
        from statsforecast.models import CrostonClassic

        self._croston, self._window = CrostonClassic(), window

    def forecast(self, y: np.ndarray, h: int, level: Sequence[int]) -> dict[str, np.ndarray]:
        mean = np.asarray(self._croston.forecast(y=y, h=h)["mean"], "float64")
        return _normal(mean, y[-self._window :] - mean[0], level)


def candidates(intermittent: bool, fitted: bool, season: int = 7) -> dict[str, Model]:
    """The models tried on one series, by name.

    Croston is for intermittent series only, and WeekdayMedian for the others: the median of rare sales is 0.
    `fitted` adds those whose parameters take a while to find; AutoETS without a trend, which four weeks ahead
    made it worse on the demo shop and ten times slower.
    """
    from statsforecast.models import AutoETS, DynamicOptimizedTheta, SeasonalNaive

    found: dict[str, Model] = {
        WEEKDAY_MEAN: WeekdayMean(season),
        SEASONAL_NAIVE: SeasonalNaive(season_length=season),
    }
    found |= {CROSTON: Croston()} if intermittent else {WEEKDAY_MEDIAN: WeekdayMedian(season)}
    if fitted:
        found[AUTO_ETS] = AutoETS(season_length=season, model="ZNA")
        found[THETA] = DynamicOptimizedTheta(season_length=season)
    return found


def predict(model: Model, y: np.ndarray, h: int) -> dict[str, np.ndarray] | None:
    """mean, lo-80, hi-80, lo-95 and hi-95, each of length h and ≥ 0; None where the model fails on `y`."""
    try:
        given: dict[str, Any] = model.forecast(y=y, h=h, level=list(LEVELS))
    except MemoryError:
        raise
    except Exception:  # that nothing can be fitted, statsforecast says by errors of no kind of their own
        return None
    names = ["mean", *(f"{side}-{level}" for level in LEVELS for side in ("lo", "hi"))]
    if any(name not in given or not np.isfinite(given[name]).all() for name in names):
        return None
    return {name: np.maximum(np.asarray(given[name], "float64"), 0.0) for name in names}


def _index(y: np.ndarray, season: int) -> np.ndarray:
    whole = y[len(y) % season :] if len(y) >= season else y
    if len(whole) < season or whole.mean() == 0:
        return np.ones(season)
    cycles = whole.reshape(-1, season).mean(axis=0) / whole.mean()
    return np.roll(cycles, len(y) % season)


def _normal(mean: np.ndarray, errors: np.ndarray, level: Sequence[int]) -> dict[str, np.ndarray]:
    sigma = float(np.sqrt((errors**2).mean()))
    found = {"mean": mean}
    for share in level:
        width = NormalDist().inv_cdf(0.5 + share / 200) * sigma
        found |= {f"lo-{share}": mean - width, f"hi-{share}": mean + width}
    return found
