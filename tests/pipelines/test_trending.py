"""Trends of random sales against a plain loop over days."""

import datetime as dt
import math
import random
from typing import Any

import ibis
import pandas as pd
import pytest
import yaml

from ml_etl.as_of import AsOf
from ml_etl.layout import PROJECT
from ml_etl.pipelines.timeseries.params import TimeseriesParams, TrendingParams
from ml_etl.pipelines.timeseries.trending import trending

AS_OF = AsOf(dt.date(2020, 6, 1), "UTC", dt.date(2020, 6, 1))
Sales = dict[tuple[str, str], dict[int, int]]
"""Units by series and by age in days."""


def found(sales: Sales, half_life: float) -> list[dict[str, Any]]:
    given = yaml.safe_load((PROJECT / "conf/base/parameters/timeseries.yml").read_text())["timeseries"]
    params = TimeseriesParams(**given).model_copy(
        update={"trending": TrendingParams(half_life_days=half_life)}
    )
    rows = [
        {
            "level": level,
            "unique_id": name,
            "ds": AS_OF.last_day - dt.timedelta(days=age),
            "merchandise_units": n,
        }
        for (level, name), days in sales.items()
        for age, n in days.items()
    ]
    series = [{"level": level, "unique_id": name, "is_merchandise": name != "bag"} for level, name in sales]
    days = ibis.memtable(pd.DataFrame(rows)).cast({"ds": "date"})
    return trending(days, ibis.memtable(pd.DataFrame(series)), AS_OF, params).to_pandas().to_dict("records")


def ranked(sales: Sales, half_life: float, ago: int) -> dict[tuple[str, str], dict[str, float]]:
    """Scores and ranks by what was known so many days ago."""
    scored: dict[tuple[str, str], dict[str, float]] = {}
    for (level, name), days in sales.items():
        known = {age - ago: n for age, n in days.items() if 0 <= age - ago < 35 and n > 0}
        if not known or name == "bag" or level == "total":
            continue
        week = sum(n for age, n in known.items() if age < 7)
        expected = sum(n for age, n in known.items() if age >= 7) / 4
        scored[level, name] = {
            "z": round((week - expected) / math.sqrt(expected + 1), 9),
            "hot": round(sum(n * 2 ** (-age / half_life) for age, n in known.items()), 9),
        }
    for level in ("article", "category"):
        names = [key for key in scored if key[0] == level]
        names.sort(key=lambda key: (-scored[key]["z"], -scored[key]["hot"], key[1]))
        for place, key in enumerate(names, 1):
            scored[key]["rank"] = place
    return scored


@pytest.mark.parametrize(("seed", "half_life"), [(1, 7), (2, 7), (3, 1), (4, 0.1)])
def test_trends_are_those_of_a_plain_loop(seed: int, half_life: float) -> None:
    """With a half-life of .1 days, sales of this week weighed as of last week are beyond a decimal."""
    chance = random.Random(seed)
    names = [("article", f"a{n}") for n in range(40)] + [("category", c) for c in ("tea", "bag", "jam")]
    sales: Sales = {
        key: {
            age: chance.choice((0, 1, 1, 2, 9, 1000))
            for age in chance.sample(range(60), chance.randint(1, 4))
        }
        for key in [*names, ("total", "total")]
    }
    now, before = ranked(sales, half_life, 0), ranked(sales, half_life, 7)
    rows = found(sales, half_life)
    assert len(rows) == len(now)
    for row in rows:
        key = row["level"], row["unique_id"]
        assert (row["rank"], row["z"]) == (now[key]["rank"], pytest.approx(now[key]["z"], abs=2e-9))
        assert row["hot"] == pytest.approx(now[key]["hot"], abs=2e-9)
        earlier = before.get(key)
        assert (
            pd.isna(row["rank_delta"])
            if earlier is None
            else row["rank_delta"] == earlier["rank"] - row["rank"]
        )
    assert any(pd.isna(row["rank_delta"]) for row in rows)
