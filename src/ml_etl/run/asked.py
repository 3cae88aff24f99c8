"""The as-of that is asked for: a day or an instant, no later than tomorrow."""

import datetime as dt
from typing import Any

from ml_etl.errors import UsageError
from ml_etl.parameters import FIRST_DAY

_ONE_DAY = dt.timedelta(days=1)
_FIRST = dt.datetime.combine(FIRST_DAY, dt.time(), dt.UTC)


def now() -> dt.datetime:
    """The clock that says what is still to come."""
    return dt.datetime.now(dt.UTC)


def instant_of(asked: Any) -> dt.datetime | None:
    """A moment of whole seconds (UTC unless it says its zone), where not a day was asked for.

    Raises:
        UsageError: it is more than a day ahead, or before there were shops.
    """
    if not isinstance(asked, dt.datetime):
        if isinstance(asked, dt.date) or len(str(asked)) <= len("2017-10-01"):
            return None
        try:
            asked = dt.datetime.fromisoformat(str(asked))
        except ValueError:
            return None
    moment = asked if asked.tzinfo else asked.replace(tzinfo=dt.UTC)
    last = now() + _ONE_DAY
    if not _FIRST <= moment <= last:
        raise _unknown(
            moment.isoformat(), "an instant", _FIRST.isoformat(), last.isoformat(timespec="seconds")
        )
    return moment.astimezone(dt.UTC).replace(microsecond=0)


def day_of(asked: Any, today: dt.date) -> dt.date:
    """The day that was asked for; tomorrow's is the midnight that ends today.

    Raises:
        UsageError: it is none, after tomorrow, or before there were shops.
    """
    try:
        day = asked if isinstance(asked, dt.date) else dt.date.fromisoformat(str(asked))
    except ValueError:
        raise UsageError(
            f"as_of: expected a day as YYYY-MM-DD, or an instant as YYYY-MM-DDThh:mm:ssZ, came {asked!r}."
        ) from None
    if not FIRST_DAY <= day <= today + _ONE_DAY:
        raise _unknown(str(day), "a day", str(FIRST_DAY), str(today + _ONE_DAY))
    return day


def _unknown(came: str, kind: str, first: str, last: str) -> UsageError:
    """The error: a release of a day to come would stay CURRENT till then, whatever is released meanwhile."""
    return UsageError(
        f"as_of: expected {kind} from {first} to {last}, came {came}. Nobody knows yet what happens later; "
        f"leave as_of out for the end of the newest complete day."
    )
