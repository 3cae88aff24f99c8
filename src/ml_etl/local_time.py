"""From UTC moments to a shop's local days, the same on every engine."""

import datetime as dt
import functools
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

YEARS = 1990, 2050
"""Between which the changes of a zone's offset are told."""

_HOUR = dt.timedelta(hours=1)


def local_day(moment: ir.TimestampValue, timezone: str, years: tuple[int, int] = YEARS) -> ir.DateValue:
    """The local calendar day of naive UTC moments, which lie in these `years` (the first and the last).

    The zone's changes of offset become nested comparisons (six per row for sixty years), so that no engine's
    own time zone setting matters. The fewer years, the sooner they are compiled and compared. Before 1990 the
    first offset counts, after 2050 the last.
    """
    first, last = (min(max(year, YEARS[0]), YEARS[1]) for year in years)
    return _shifted(moment, _offsets(timezone, first, last)).cast("date")


def utc_midnight(day: dt.date, timezone: str) -> dt.datetime:
    """The UTC moment at which a local day begins."""
    return dt.datetime.combine(day, dt.time(), ZoneInfo(timezone)).astimezone(dt.UTC)


def at_noon(day: ir.DateValue, near: dt.datetime, timezone: str) -> ir.TimestampValue:
    """About local noon of a day, as a UTC moment: by the offset of `near`, so within the day all year."""
    offset = near.astimezone(ZoneInfo(timezone)).utcoffset() or dt.timedelta()
    return day.cast("timestamp") + ibis.interval(seconds=int((12 * _HOUR - offset).total_seconds()))


def _shifted(moment: ir.TimestampValue, offsets: tuple[tuple[dt.datetime, int], ...]) -> ir.TimestampValue:
    if len(offsets) == 1:
        return moment + ibis.interval(seconds=offsets[0][1])
    middle = len(offsets) // 2
    before, after = offsets[:middle], offsets[middle:]
    return ibis.ifelse(moment < ibis.literal(after[0][0]), _shifted(moment, before), _shifted(moment, after))


@functools.cache
def _offsets(timezone: str, first: int, last: int) -> tuple[tuple[dt.datetime, int], ...]:
    """(UTC moment from which on, offset in seconds), oldest first."""
    zone, found = ZoneInfo(timezone), []
    moment, offset = dt.datetime(first, 1, 1, tzinfo=dt.UTC), None
    while moment <= dt.datetime(last + 1, 1, 1, tzinfo=dt.UTC):  # a year may end with a change
        seconds = _offset(moment, zone)
        if offset is not None and seconds != offset:
            found.append((_change(moment - 24 * _HOUR, moment, zone), seconds))
        elif offset is None:
            found.append((moment, seconds))
        moment, offset = moment + 24 * _HOUR, seconds
    return tuple((moment.replace(tzinfo=None), seconds) for moment, seconds in found)


def _change(before: dt.datetime, after: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The first whole minute in (before, after] with the offset of `after`."""
    low, high = 0, int((after - before).total_seconds() // 60)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(before + dt.timedelta(minutes=middle), zone) == _offset(after, zone):
            high = middle
        else:
            low = middle
    return before + dt.timedelta(minutes=high)


def _offset(moment: dt.datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0
