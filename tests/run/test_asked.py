"""An as-of lies between the first shops and tomorrow."""

import datetime as dt

import pytest

from ml_etl.errors import UsageError
from ml_etl.run import asked, steps

TODAY = dt.date(2020, 2, 1)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "now", lambda: dt.datetime(2020, 2, 1, 12, tzinfo=dt.UTC))


@pytest.mark.parametrize("day", ["2020-02-02", "2020-02-01", "1900-01-01"])
def test_a_day_until_tomorrow(day: str) -> None:
    assert asked.day_of(day, TODAY) == dt.date.fromisoformat(day)


@pytest.mark.parametrize("day", ["2020-02-03", "1899-12-31"])
def test_no_day_later_or_before_there_were_shops(day: str) -> None:
    with pytest.raises(UsageError, match=f"a day from 1900-01-01 to 2020-02-02, came {day}") as error:
        asked.day_of(day, TODAY)
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    "instant", ["2020-02-02T12:00:00Z", "2020-02-02T07:00:00-05:00", "2020-02-01T12:15:00"]
)
def test_an_instant_until_a_day_from_now(instant: str) -> None:
    assert asked.instant_of(instant).tzinfo == dt.UTC


@pytest.mark.parametrize(
    "instant", ["2020-02-02T12:00:01Z", "0001-01-01T00:00:00Z", "9999-12-31T23:00:00-05:00"]
)
def test_no_instant_later_or_before_there_were_shops(instant: str) -> None:
    with pytest.raises(UsageError, match="to 2020-02-02T12:00:00"):
        asked.instant_of(instant)


def test_a_schedulers_instant_is_judged_before_its_day_is_told() -> None:
    from kedro.pipeline import Pipeline

    with pytest.raises(UsageError, match="came 0001-01-01"):
        steps.newest_as_of(Pipeline([]), "0001-01-01T00:00:00Z", "America/New_York")
