"""How good the forecasts are, as the card tells it."""

from typing import Any

import pandas as pd

from ml_etl.pipelines.timeseries.metrics import pooled
from ml_etl.pipelines.timeseries.models import NAMES, WEEKDAY_MEAN
from ml_etl.pipelines.timeseries.shapes import significant

_SERIES = ["level", "unique_id"]


def accuracy(windows: pd.DataFrame) -> dict[str, Any]:
    """Per level and model: series, mean MASE, pooled WAPE over the backtest's origins.

    `chosen` picks each series' model by all origins, the ones it is told by; `chosen_before` by the earlier
    origins only (WeekdayMean at the first), which is what a user of the choice can expect.
    """
    named = {model: windows[windows.model == model] for model in NAMES}
    named |= {"chosen": _chosen(windows), "chosen_before": _chosen_before(windows)}
    return {
        level: {
            name: _summary(mine) for name, rows in named.items() if len(mine := rows[rows.level == level])
        }
        for level in sorted(set(windows.level))
    }


def _summary(rows: pd.DataFrame) -> dict[str, Any]:
    """MASE is the mean over series of the mean over origins; WAPE pools all days of all series."""
    each = rows.groupby(_SERIES).mase.mean()
    actual = rows.actual.sum()
    return {
        "series": len(each),
        "mase": significant(float(each.mean()), 6) if each.notna().any() else None,
        "wape": significant(float(rows.abs_error.sum() / actual), 6) if actual > 0 else None,
    }


def _chosen(windows: pd.DataFrame) -> pd.DataFrame:
    return windows.merge(_best(windows))


def _chosen_before(windows: pd.DataFrame) -> pd.DataFrame:
    """At each origin the model that was best at the earlier ones."""
    parts = []
    for origin in sorted(set(windows.origin)):
        now, earlier = windows[windows.origin == origin], windows[windows.origin < origin]
        parts.append(now.merge(_best(earlier)) if len(earlier) else now[now.model == WEEKDAY_MEAN])
    return pd.concat(parts) if parts else windows


def _best(windows: pd.DataFrame) -> pd.DataFrame:
    """(level, unique_id, model): the least mean MASE of the models that forecast every origin; ties by
    simplicity, as the choice itself."""
    found = pooled(windows, [*_SERIES, "model"])
    found = found[found.origins == found.groupby(_SERIES).origins.transform("max")]
    found["place"] = found.model.map(NAMES.index)
    found["error"] = found.mase.fillna(found.mae)
    first = found.sort_values([*_SERIES, "error", "place"]).drop_duplicates(_SERIES)
    return first[[*_SERIES, "model"]]
