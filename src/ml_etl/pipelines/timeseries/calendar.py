"""The shop's days: what is known of them in advance, and on which of the past ones it was closed."""

import datetime as dt
import math

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.pipelines.timeseries.params import TimeseriesParams

COLUMNS = {
    "ds": pa.date32(),
    "dow": pa.int64(),
    "week": pa.int64(),
    "month": pa.int64(),
    "month_sin": pa.float64(),
    "month_cos": pa.float64(),
    "is_holiday": pa.bool_(),
    "holiday": pa.string(),
    "shop_closed": pa.bool_(),
}


def open_days(lines: ir.Table) -> ir.Table:
    """The end of the lazy part: (ds), one row per day with any purchase."""
    return lines.select(ds=_.day).distinct().order_by("ds")


def closed_days(days: ir.Table) -> ir.Table:
    """The end of the lazy part: (ds), the past days on which the shop was closed."""
    return days.filter(_.shop_closed.fill_null(False)).select("ds").order_by("ds")


def calendar(opened: pd.DataFrame, as_of: AsOf, params: TimeseriesParams) -> pa.Table:
    """One row per day from the shop's first to the end of the forecast.

    `dow` 0 is Monday, `week` is ISO's; month_sin and month_cos are of 2π(month − 1)/12. `shop_closed` is null
    from the as-of on: what is not known yet.
    """
    sold = {day if isinstance(day, dt.date) else day.date() for day in opened["ds"]}
    end = as_of.day + dt.timedelta(days=params.forecasts.horizon_days)
    first = min(sold, default=as_of.day)
    days = [first + dt.timedelta(days=n) for n in range((end - first).days)]
    named = _holidays(params.holiday_country, {day.year for day in days})
    rows = [_row(day, named.get(day), None if day >= as_of.day else day not in sold) for day in days]
    return pa.Table.from_pylist(rows, schema=pa.schema(COLUMNS.items()))


def _holidays(country: str, years: set[int]) -> dict[dt.date, str]:
    """The country's public holidays by day.

    Raises:
        UsageError: the `holidays` library does not know the country.
    """
    import holidays

    from ml_etl.errors import UsageError

    try:
        return dict(holidays.country_holidays(country, years=years or None))
    except NotImplementedError:  # what the library raises for a country it lacks
        raise UsageError(
            f"timeseries.holiday_country: {country!r} is not known to the holidays library; expected an ISO "
            f"3166 code such as US."
        ) from None


def _row(day: dt.date, holiday: str | None, closed: bool | None) -> dict[str, object]:
    angle = 2 * math.pi * (day.month - 1) / 12
    return {
        "ds": day,
        "dow": day.weekday(),
        "week": day.isocalendar().week,
        "month": day.month,
        "month_sin": round(math.sin(angle), 15),
        "month_cos": round(math.cos(angle), 15),
        "is_holiday": holiday is not None,
        "holiday": holiday,
        "shop_closed": closed,
    }
