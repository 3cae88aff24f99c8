"""From UTC moments to a shop's local days, the same on every engine."""

import datetime as dt
import functools
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

_FIRST_YEAR, _LAST_YEAR = 1990, 2050
_HOUR = dt.timedelta(hours=1)


def local_day(moment: ir.TimestampValue, timezone: str) -> ir.DateValue:
    """The local calendar day of naive UTC moments.

    The zone's changes of offset between 1990 and 2050 become nested comparisons (six per row), so that no
    engine's own time zone setting matters.
    """
    return _shifted(moment, _offsets(timezone)).cast("date")


def utc_midnight(day: dt.date, timezone: str) -> dt.datetime:
    """The UTC moment at which a local day begins."""
    return dt.datetime.combine(day, dt.time(), ZoneInfo(timezone)).astimezone(dt.UTC)


def _shifted(moment: ir.TimestampValue, offsets: tuple[tuple[dt.datetime, int], ...]) -> ir.TimestampValue:
    if len(offsets) == 1:
        return moment + ibis.interval(seconds=offsets[0][1])
    middle = len(offsets) // 2
    before, after = offsets[:middle], offsets[middle:]
    return ibis.ifelse(moment < ibis.literal(after[0][0]), _shifted(moment, before), _shifted(moment, after))


@functools.cache
def _offsets(timezone: str) -> tuple[tuple[dt.datetime, int], ...]:
    """(UTC moment from which on, offset in seconds), oldest first."""
    zone, found = ZoneInfo(timezone), []
    moment, offset = dt.datetime(_FIRST_YEAR, 1, 1, tzinfo=dt.UTC), None
    while moment.year <= _LAST_YEAR:
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
