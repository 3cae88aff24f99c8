"""Local days are those that Python's own time zones tell, however few years are asked for."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest

from ml_etl.as_of import AsOf
from ml_etl.days import days_after, monday
from ml_etl.local_time import YEARS, local_day
from ml_etl.pipelines.staging.typing import within, years_of

# Apia left 30 December 2011 out, and Pyongyang moved its clocks by half an hour on a 15 August and a 5 May.
ZONES = ("America/New_York", "Europe/Stockholm", "Pacific/Apia", "Asia/Pyongyang", "Asia/Kolkata", "UTC")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "years", [YEARS, (2011, 2011), (2011, 2012), (2014, 2018), (1950, 1990), (2050, 2999)]
)
def test_a_span_of_years_tells_the_same_days(zone: str, years: tuple[int, int]) -> None:
    first, last = max(years[0], YEARS[0]), min(years[1], YEARS[1])
    begin = dt.datetime(first, 1, 1)
    hours = int((dt.datetime(last + 1, 1, 1) - begin) / dt.timedelta(hours=1))
    some = random.Random(7).sample(range(hours), 4000) if hours > 9000 else range(hours)
    moments = [begin + dt.timedelta(hours=hour, minutes=hour % 60) for hour in some]
    moments = [moment for moment in moments if moment.year <= last]
    table = ibis.memtable(pa.table({"moment": pa.array(moments, pa.timestamp("us"))}))
    told = ibis.duckdb.connect().to_pyarrow(table.select("moment", day=local_day(table.moment, zone, years)))
    for row in told.to_pylist():
        assert row["day"] == row["moment"].replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).date()


def _years(*moments: str | None) -> tuple[int, int]:
    connection = ibis.duckdb.connect()
    values = ", ".join(
        f"({f'TIMESTAMP {moment!r}' if moment else 'NULL::TIMESTAMP'}, NULL)" for moment in moments
    )
    table = connection.sql(f"SELECT a, b::TIMESTAMP AS b FROM (VALUES {values}) AS t(a, b)")
    (row,) = connection.to_pyarrow(years_of(table, ("a", "b"))).to_pylist()
    return within(AsOf(dt.date(2020, 2, 1), "UTC", dt.date(2020, 2, 1)), row).years


def test_the_years_are_those_of_the_moments() -> None:
    assert _years("2019-12-31 23:59", None, "2017-01-01") == (2017, 2019)
    assert _years("2019-05-01", "infinity") == (2019, YEARS[1])
    assert _years("-infinity", "infinity", "2019-05-01") == YEARS
    assert _years(None) == (2020, 2020)


def test_days_from_days_are_days() -> None:
    connection = ibis.duckdb.connect()
    day = dt.date(2024, 2, 28)
    for n in range(14):
        table = ibis.memtable(pa.table({"day": [day + dt.timedelta(days=n)], "n": [n - 5]}))
        told = table.select(
            m=monday(table.day), d=days_after(table.day, table.n), e=days_after(table.day, -400)
        )
        assert told.schema() == ibis.schema({"m": "date", "d": "date", "e": "date"})
        kinds = connection.to_pyarrow(told.select(m=told.m.typeof(), d=told.d.typeof(), e=told.e.typeof()))
        assert set(kinds.to_pylist()[0].values()) == {"DATE"}
        (found,) = connection.to_pyarrow(told).to_pylist()
        was = day + dt.timedelta(days=n)
        assert found["m"] == was - dt.timedelta(days=was.weekday())
        assert (found["d"], found["e"]) == (was + dt.timedelta(days=n - 5), was - dt.timedelta(days=400))
