"""How good the forecasts are, as the card tells it."""

from typing import Any

import pandas as pd

from ml_etl.pipelines.timeseries.choice import SERIES, best
from ml_etl.pipelines.timeseries.metrics import pooled
from ml_etl.pipelines.timeseries.models import NAMES, WEEKDAY_MEAN
from ml_etl.pipelines.timeseries.params import TimeseriesParams
from ml_etl.pipelines.timeseries.shapes import significant


def accuracy(windows: pd.DataFrame, params: TimeseriesParams) -> dict[str, Any]:
    """Per level and model: series, mean MASE, pooled WAPE over the backtest's origins.

    `chosen` picks each series' model by all origins, the ones it is told by; `chosen_before` by the earlier
    origins only (WeekdayMean at the first), which is what a user of the choice can expect.
    """
    named = {model: windows[windows.model == model] for model in NAMES}
    gain = params.forecasts.min_gain
    named |= {"chosen": _chosen(windows, gain), "chosen_before": _chosen_before(windows, gain)}
    return {
        level: {
            name: _summary(mine) for name, rows in named.items() if len(mine := rows[rows.level == level])
        }
        for level in sorted(set(windows.level))
    }


def _summary(rows: pd.DataFrame) -> dict[str, Any]:
    """MASE is the mean over series of the mean over origins; WAPE pools all days of all series."""
    each = rows.groupby(SERIES).mase.mean()
    actual = rows.actual.sum()
    return {
        "series": len(each),
        "mase": significant(float(each.mean()), 6) if each.notna().any() else None,
        "wape": significant(float(rows.abs_error.sum() / actual), 6) if actual > 0 else None,
    }


def _chosen(windows: pd.DataFrame, min_gain: float) -> pd.DataFrame:
    return windows.merge(_choice(windows, min_gain))


def _chosen_before(windows: pd.DataFrame, min_gain: float) -> pd.DataFrame:
    """At each origin the model that was best at the earlier ones."""
    parts = []
    for origin in sorted(set(windows.origin)):
        now = windows[windows.origin == origin]
        able = now[[*SERIES, "model"]]  # a model that fails now is not the one a user gets
        earlier = windows[windows.origin < origin].merge(able)
        first = now[now.model == WEEKDAY_MEAN]
        parts.append(now.merge(_choice(earlier, min_gain)) if len(earlier) else first)
    return pd.concat(parts) if parts else windows


def _choice(windows: pd.DataFrame, min_gain: float) -> pd.DataFrame:
    return best(pooled(windows, [*SERIES, "model"]), min_gain)
