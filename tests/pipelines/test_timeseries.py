"""Time series of a shop small enough to check by eye (rows are numbered in tests/shops.py)."""

import datetime as dt
import random
from typing import Any

import pyarrow as pa
import pytest

from ml_etl.timeseries import dense, features
from tests.conftest import Data
from tests.shops import Shop, table

D = dt.date


def released(env: str | None = "files", **which: Any) -> Any:
    from ml_etl import config, released

    config.settings.cache_clear()
    return released("timeseries", env=env, **which)


def build(data: Data, shop: Shop, **more: Any) -> Any:
    data.run("timeseries", env="files", **shop.write().params, **more)
    return released()


def rows(release: Any, name: str | None = None) -> list[dict[str, Any]]:
    return release.read(name).to_pyarrow().to_pylist()


def hashes(release: Any) -> dict[str, str]:
    return {name: entry.sha256 for name, entry in release.manifest.artefacts.items()}


@pytest.fixture
def release(data: Data, shop: Shop) -> Any:
    shop.articles[0]["product_group_name"] = shop.articles[3]["product_group_name"] = "tea"
    shop.put(
        "promo",
        table(
            [
                {"article_id": "001", "week": D(2020, 1, 30), "display_share": 0.5, "coupon": True},
                {"article_id": "002", "week": D(2020, 1, 20), "display_share": 0.2, "mailer_share": 1.0},
                {"article_id": "002", "week": D(2020, 1, 13), "display_share": 1.5},  # no share
                {"article_id": "009", "week": D(2020, 1, 13), "display_share": 0.5},  # no such article
                {"article_id": "003", "week": D(2020, 2, 3), "display_share": 0.5},  # after the as-of
            ],
            week=pa.date32(),
            display_share=pa.float64(),
            mailer_share=pa.float64(),
            coupon=pa.bool_(),
        ),
    )
    return build(data, shop, staging={"ceilings": {"promo": 0.5}})


def test_the_small_shop(release: Any, data: Data) -> None:
    """One release, looked at from all sides."""
    _days_with_a_sale(release)
    _gaps_are_filled(release)
    _promotions(release, data)
    _series(release)
    _trends(release)
    _choices(release)


def _days_with_a_sale(release: Any) -> None:
    found = {(r["level"], r["unique_id"], r["ds"].day): r for r in rows(release)}
    assert len([key for key in found if key[0] == "article"]) == 8  # rows 1, 2, 3, 7; 6, 4+5; 9; 10
    bought = found["article", "002", 31]  # rows 4 and 5; row 8 is a return, no sale
    assert (bought["units"], bought["lines"], bought["buyers"]) == (2, 2, 1)
    assert found["category", "tea", 25]["merchandise_units"] == 0  # row 10 is no merchandise
    assert found["category", "tea", 25]["units"] == 1
    assert found["category", "UNKNOWN", 25]["mean_price"] is None  # row 9 was free
    total = found["total", "total", 30]  # rows 6 and 7
    assert (total["units"], float(total["revenue"]), total["mean_price"]) == (4, 26.5, 6.625)
    assert total["discount_depth"] is None  # the shop has no regular prices


def _gaps_are_filled(release: Any) -> None:
    series = {(r["level"], r["unique_id"]): r for r in rows(release, "series")}
    days = dense(release).to_pyarrow().to_pylist()
    for key, one in series.items():
        mine = [r for r in days if (r["level"], r["unique_id"]) == key]
        assert len(mine) == one["days"] == (one["last_day"] - one["first_day"]).days + 1
        assert sum(r["units"] > 0 for r in mine) == one["sold_days"]
        assert all(r["mean_price"] is None for r in mine if not r["units"])
    closed = {r["ds"].day for r in days if r["shop_closed"]}
    assert closed == set(range(1, 32)) - {1, 11, 25, 30, 31}


def _promotions(release: Any, data: Data) -> None:
    days = {(r["unique_id"], r["ds"].day): r for r in dense(release).to_pyarrow().to_pylist()}
    assert days["001", 31]["display_share"] == 0.5 and days["001", 31]["coupon_share"] == 1
    assert days["002", 31]["display_share"] == 0  # that week told of others
    assert days["001", 25]["mailer_share"] == 0
    assert days["001", 11]["display_share"] is None  # nothing was told of that week
    assert days["tea", 31]["display_share"] == 0.25  # 001 of 001 and 004
    assert days["total", 31]["display_share"] == 0.125
    counts = data.runs()[0]["checks"]["tables"]["promo"]
    assert (counts["rule.share_range"], counts["rule.unknown_article"], counts["rows_in"]) == (1, 1, 4)


def _series(release: Any) -> None:
    series = {r["unique_id"]: r for r in rows(release, "series")}
    second = series["002"]
    assert (second["before_launch_from"], second["before_launch_to"]) == (D(2020, 1, 1), D(2020, 1, 29))
    assert series["001"]["before_launch_from"] is None
    assert {r["out_of_stock_days"] for r in series.values()} == {None}
    assert series["003"]["shop_closed_days"] == 4  # 26 to 29 January
    assert (series["003"]["idle_days"], series["003"]["after_last_sale_from"]) == (6, None)


def _trends(release: Any) -> None:
    """002 sold five units in the last week and none before: z = 5/√1, growth 8/3; 001 two after two."""
    found = {r["unique_id"]: r for r in rows(release, "trending") if r["level"] == "article"}
    assert (found["002"]["rank"], found["002"]["z"], found["002"]["growth"]) == (1, 5.0, pytest.approx(8 / 3))
    assert found["002"]["rank_delta"] is None  # it had not sold a week ago
    assert found["001"]["units_28d_before"] == 2  # ages 20 and 30
    assert found["001"]["z"] == pytest.approx((2 - 0.5) / 1.5**0.5)
    assert found["001"]["hot"] == pytest.approx(sum(2 ** (-age / 7) for age in (0, 1, 20, 30)))
    assert (found["001"]["rank"], found["001"]["rank_delta"]) == (2, -1)
    assert "004" not in found


def _choices(release: Any) -> None:
    found = {r["unique_id"]: r for r in rows(release, "models")}
    assert found["total"]["status"] == "fallback" and found["total"]["model"] == "WeekdayMean"
    assert "31 days of history; testing models needs 168" in found["total"]["reason"]
    assert (found["002"]["status"], found["002"]["model"]) == ("none", None)
    assert {r["unique_id"] for r in rows(release, "forecasts")} == {"001", "tea", "total"}
    assert {r["index"] for r in rows(release, "seasonality")} == {None}  # fewer than 56 days


def test_pictures_are_figures_for_kedro_viz(release: Any) -> None:
    """kedro-viz draws what `preview` says it returns; the forecast shows days without a sale."""
    import plotly.graph_objects as go

    from ml_etl.store.figure import Figure

    assert Figure.preview.__annotations__["return"].__name__ == "PlotlyPreview"
    for name in ("seasonality_picture", "trending_picture", "forecast_picture"):
        assert go.Figure(release.read(name)).data  # plotly refuses what is no figure
    sold = next(line for line in release.read("forecast_picture")["data"] if line["name"] == "sold")
    assert (sold["x"][1], sold["y"][1]) == ("2020-01-02", 0)


def test_what_comes_after_the_as_of_changes_no_byte(data: Data, shop: Shop) -> None:
    """Nor does the order of rows."""
    build(data, shop, as_of="2020-01-30")
    before = released(as_of="2020-01-30")
    shop.lines.append({"t_dat": D(2020, 2, 10), "customer_id": "c3", "article_id": "002", "price": 3.0})
    shop.articles.append({"article_id": "005", "is_merchandise": True})
    random.Random(3).shuffle(shop.lines)
    build(data, shop, as_of="2020-01-30", timeseries={"min_share_of_previous": 0.4})  # built again
    again = released(as_of="2020-01-30")
    assert again.version != before.version
    assert hashes(again) == hashes(before)
    assert max(r["ds"] for r in rows(before)) == D(2020, 1, 25)


def test_tables_lie_in_the_order_of_their_keys(data: Data, shop: Shop) -> None:
    """They are sorted by numbers, whose order is that of level and id as bytes: 10 before 9, Z before a."""
    ids = ["9", "10", "a", "Z", "é", "total", "0"]
    shop.articles = [{"article_id": a, "product_group_name": a * 2} for a in ids]
    shop.put("articles", table(shop.articles))
    days = [D(2020, 1, 31), D(2020, 1, 3)]
    shop.lines = [{"customer_id": "c1", "article_id": a, "t_dat": d, "price": 1.0} for d in days for a in ids]
    shop.put("transactions", table(shop.lines))
    promoted = [{"article_id": a, "week": D(2020, 1, 27), "display_share": 0.5} for a in ids]
    shop.put("promo", table(promoted, week=pa.date32(), display_share=pa.float64()))
    data.run("timeseries", env="files", **shop.params)
    for name, day in {"timeseries": "ds", "weekly": "ds", "promo": "week", "series": "first_day"}.items():
        found = rows(released(), name)
        keys = [(row["level"], row["unique_id"].encode(), row[day]) for row in found]
        assert keys == sorted(keys)
        assert len(keys) == 15 * (2 if name in ("timeseries", "weekly") else 1)
        assert "number" not in found[0]
    assert rows(released())[-1]["unique_id"] == "total"
    assert rows(released())[-1]["units"] == len(ids)


def test_a_young_shop_and_a_series_of_one_day(data: Data, shop: Shop) -> None:
    shop.lines = [line for line in shop.lines if line["t_dat"] >= D(2020, 1, 31)]
    release = build(data, shop)
    series = rows(release, "series")
    assert {r["days"] for r in series} == {1}
    assert {r["status"] for r in rows(release, "models")} == {"none"}
    assert rows(release, "forecasts") == []
    checks = data.runs()[0]["checks"]
    assert (checks["history_days"], checks["series_of_one_day"]) == (1, len(series))
    assert checks["forecasts"] == {"tested": 0, "fallback": 0, "none": len(rows(release, "models"))}
    first = next(r for r in rows(release, "features") if r["horizon"] == 1)
    assert (first["known_days"], first["lag_1"], first["ewm"], first["expanding_mean"]) == (
        0,
        None,
        None,
        None,
    )


def test_creation_and_a_long_silence(data: Data, shop: Shop) -> None:
    """001 was made before its first sale, 003 never sold, 002 sold last 91 days before the as-of, which was
    the shop's first day: of what 004, made before it, sold earlier, nothing is known."""
    shop.articles = [
        {"article_id": "001", "created_at": dt.datetime(2019, 11, 5, 12)},
        {"article_id": "002", "created_at": None},
        {"article_id": "003", "created_at": dt.datetime(2020, 1, 30, 12)},
        {"article_id": "004", "created_at": dt.datetime(2017, 1, 1, 12)},
    ]
    shop.put("articles", table(shop.articles, created_at=pa.timestamp("us")))
    bought = [("001", D(2020, 1, 31)), ("002", D(2019, 11, 1)), ("004", D(2020, 1, 31))]
    shop.lines = [{"customer_id": "c1", "article_id": a, "t_dat": day, "price": 1.0} for a, day in bought]
    shop.put("transactions", table(shop.lines))
    data.run("timeseries", env="files", **shop.params)
    series = {r["unique_id"]: r for r in rows(released(), "series")}
    assert (series["001"]["first_day"], series["001"]["first_sale"]) == (D(2019, 11, 5), D(2020, 1, 31))
    assert (series["004"]["first_day"], series["004"]["before_launch_from"]) == (D(2019, 11, 1), None)
    assert (series["003"]["first_day"], series["003"]["sold_days"], series["003"]["last_sale"]) == (
        D(2020, 1, 30),
        0,
        None,
    )
    assert (series["002"]["idle_days"], series["002"]["after_last_sale_from"]) == (91, D(2019, 11, 2))
    early = dense(released(), unique_ids=["004"]).to_pyarrow().to_pylist()
    assert all(r["shop_closed"] is not None for r in early)
    silent = dense(released(), unique_ids=["002"]).to_pyarrow().to_pylist()
    assert sum(r["after_last_sale"] for r in silent) == 91


def test_no_transactions_release_zero_rows(data: Data, shop: Shop) -> None:
    shop.put("transactions", table(shop.lines).slice(0, 0))
    data.run("timeseries", env="files", **shop.params)
    assert released().manifest.rows == 0
    assert len(rows(released(), "calendar")) == 28  # the days ahead are known


def test_features_go_as_far_ahead_as_the_calendar(data: Data, shop: Shop) -> None:
    from ml_etl.errors import UsageError

    release = build(data, shop)
    table = features(release, 28, "total").order_by("ds").to_pandas()
    assert len(table) == 31 + 28
    for horizon in (0, 29):
        with pytest.raises(UsageError, match=f"1 to 28 days.*came {horizon}"):
            features(release, horizon)
    with pytest.raises(UsageError, match=r"at most forecasts\.horizon_days 28, came 29"):
        build(data, shop, timeseries={"features": {"horizons_days": [1, 29]}})


def test_an_unknown_country_is_said(data: Data, shop: Shop) -> None:
    from ml_etl.errors import UsageError

    with pytest.raises(UsageError, match="holiday_country: 'Atlantis'"):
        build(data, shop, timeseries={"holiday_country": "Atlantis"})
