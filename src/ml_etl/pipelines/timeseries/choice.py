"""Which model forecasts a series: the simplest one, unless another is clearly better."""

import pandas as pd

from ml_etl.pipelines.timeseries.models import NAMES, WEEKDAY_MEAN

SERIES = ["level", "unique_id"]


def best(tested: pd.DataFrame, min_gain: float) -> pd.DataFrame:
    """One row per series of a pooled backtest: level, unique_id and the `model` with the least MASE (the
    least MAE where no scale is known), ties by simplicity.

    Of those that forecast every origin: one that failed where it is hard looks better than it is. WeekdayMean
    stays unless another's error is less by the share `min_gain`: few windows tell models apart by chance.
    """
    whole = tested[tested.origins == tested.groupby(SERIES).origins.transform("max")]
    error = whole.mase.fillna(whole.mae)
    ranked = whole[[*SERIES, "model"]].assign(
        error=error.where(whole.model != WEEKDAY_MEAN, error * (1 - min_gain)),
        place=whole.model.map(NAMES.index),
    )
    return ranked.sort_values([*SERIES, "error", "place"]).drop_duplicates(SERIES)[[*SERIES, "model"]]
