"""What is known: every dataset is a function of the rows known strictly before its as-of."""

import datetime as dt
from dataclasses import dataclass

import ibis.expr.types as ir

from ml_etl.local_time import YEARS, local_day, utc_midnight


@dataclass(frozen=True)
class AsOf:
    """The exclusive upper bound of what is known.

    `day` is a local day of the shop: rows of it and later are not known. `observed_on` is the local day on
    which the shop was read; rows dated after it can't be true. A dataset that is added to within a day may
    have an `instant` (UTC) instead, which lies in `day`. `years`: in which the moments lie whose local day is
    told.
    """

    day: dt.date
    timezone: str
    observed_on: dt.date
    instant: dt.datetime | None = None
    years: tuple[int, int] = YEARS

    @property
    def moment(self) -> dt.datetime:
        """The UTC moment: the instant, or `day`'s midnight."""
        return self.instant or utc_midnight(self.day, self.timezone)

    @property
    def label(self) -> str:
        """As it was asked for: a day, or an instant."""
        return self.instant.strftime("%Y-%m-%dT%H:%M:%SZ") if self.instant else str(self.day)

    @property
    def last_day(self) -> dt.date:
        """The last complete day: a purchase of it has age 0."""
        return self.day - dt.timedelta(days=1)


def day_of(table: ir.Table, timezone: str, years: tuple[int, int] = YEARS) -> ir.DateValue:
    """The local day of transactions: t_dat where the shop has it, else the timestamp's day."""
    if "t_dat" not in table.columns:
        return local_day_of(table["timestamp"], timezone, years)
    t_dat = table["t_dat"].cast("date")
    if "timestamp" not in table.columns:
        return t_dat
    return t_dat.fill_null(local_day_of(table["timestamp"], timezone, years))


def local_day_of(column: ir.Column, timezone: str, years: tuple[int, int] = YEARS) -> ir.DateValue:
    """The local day of a column of UTC moments, or of days, which are local ones already."""
    return column if column.type().is_date() else local_day(column.cast("timestamp"), timezone, years)
