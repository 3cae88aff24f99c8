"""Errors of one forecast window, and what they come to over several.

MASE: Hyndman, Koehler (2006), its scale the in-sample MAE of the seasonal naive forecast. RMSSE: the M5
competition, its scale the in-sample MSE of the naive forecast from the first sale on.
"""

import numpy as np
import pandas as pd

_QUANTILES = {0.025: "lo-95", 0.1: "lo-80", 0.5: "mean", 0.9: "hi-80", 0.975: "hi-95"}


def errors(
    train: np.ndarray, actual: np.ndarray, forecast: dict[str, np.ndarray], season: int = 7
) -> dict[str, float]:
    """Of one window: mase, rmsse, mape and pinball (NaN where nothing can be divided by), and sums.

    abs_error, error and actual are sums over the window; covered_80 and covered_95 are shares of its days.
    """
    error = forecast["mean"] - actual
    scale = np.abs(train[season:] - train[:-season]).mean() if len(train) > season else 0.0
    sold = train[np.flatnonzero(train)[0] :] if train.any() else train[:0]
    square = (np.diff(sold) ** 2).mean() if len(sold) > 1 else 0.0
    return {
        "mase": _over(np.abs(error).mean(), scale),
        "rmsse": _over(float(np.sqrt((error**2).mean())), float(np.sqrt(square))),
        "mape": float(100 * np.abs(error / actual).mean()) if (actual != 0).all() else float("nan"),
        "pinball": _pinball(actual, forecast),
        "mae": float(np.abs(error).mean()),
        "abs_error": float(np.abs(error).sum()),
        "error": float(error.sum()),
        "actual": float(actual.sum()),
        "covered_80": _covered(actual, forecast, 80),
        "covered_95": _covered(actual, forecast, 95),
    }


def pooled(windows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Per group: mase, rmsse, pinball, coverages as means over windows; wape and bias from the sums."""
    grouped = windows.groupby(by, sort=True)
    means = grouped[["mase", "rmsse", "pinball", "mae", "covered_80", "covered_95"]].mean()
    sums = grouped[["abs_error", "error", "actual"]].sum()
    actual = sums.actual.where(sums.actual > 0)
    counts = grouped.size().rename("origins")
    return means.assign(wape=sums.abs_error / actual, bias=sums.error / actual).join(counts).reset_index()


def _over(value: float, scale: float) -> float:
    return float(value / scale) if scale > 0 else float("nan")


def _pinball(actual: np.ndarray, forecast: dict[str, np.ndarray]) -> float:
    """The mean over five quantiles, the mean forecast taken as the median, in units."""
    losses = []
    for quantile, name in _QUANTILES.items():
        above = actual - forecast[name]
        losses.append(np.maximum(quantile * above, (quantile - 1) * above).mean())
    return float(np.mean(losses))


def _covered(actual: np.ndarray, forecast: dict[str, np.ndarray], level: int) -> float:
    return float(((actual >= forecast[f"lo-{level}"]) & (actual <= forecast[f"hi-{level}"])).mean())
