"""What a model may know of a day, told again by a plain loop."""

import datetime as dt

import ibis
import pandas as pd
import pytest

from ml_etl.pipelines.timeseries.features import features

FIRST, DAYS, HALF_LIFE = dt.date(2020, 1, 1), 40, 7
SOLD = [(n * 7) % 5 for n in range(DAYS)]


@pytest.mark.parametrize("horizon", [1, 28])
def test_the_weighted_mean_is_of_the_last_28_known_days(horizon: int) -> None:
    days = [FIRST + dt.timedelta(n) for n in range(DAYS + horizon)]
    key = {"level": "total", "unique_id": "total"}
    sales = pd.DataFrame({**key, "ds": days[:DAYS], "merchandise_units": SOLD})
    series = pd.DataFrame([{**key, "first_day": FIRST, "last_day": days[DAYS - 1], "days": DAYS}])
    told = ("dow", "week", "month", "month_sin", "month_cos", "is_holiday", "holiday", "shop_closed")
    calendar = pd.DataFrame({"ds": days, **dict.fromkeys(told, 0)})
    tables = [ibis.memtable(frame) for frame in (sales, series, calendar)]
    found = features(*tables, horizon, HALF_LIFE).order_by("ds").to_pyarrow().to_pylist()
    assert [row["known_days"] for row in found] == [max(0, n + 1 - horizon) for n in range(len(days))]
    for n, row in enumerate(found):
        known = SOLD[max(0, n + 1 - horizon - 28) : max(0, n + 1 - horizon)][::-1]
        weights = [2 ** (-age / HALF_LIFE) for age in range(len(known))]
        weighed = sum(w * y for w, y in zip(weights, known, strict=True))
        assert row["ewm"] == (pytest.approx(weighed / sum(weights), rel=1e-12) if known else None)
        assert row["y"] == (SOLD[n] if n < DAYS else None)
