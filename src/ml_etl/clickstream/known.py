"""What was known of clicks at some moment: the events that had come in, and their sessions as of then."""

import datetime as dt

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.clickstream.moments import known_within
from ml_etl.clickstream.params import Clickstream
from ml_etl.clickstream.sessions import busy_hours, in_busy_hour, sessionize
from ml_etl.parts import StoredParts


def known_until(as_of: AsOf, clickstream: Clickstream) -> dt.datetime:
    """Naive UTC: how far a run of that as-of reads the source."""
    return as_of.moment.replace(tzinfo=None) - clickstream.reading.safety_lag


def events_as_of(
    events: StoredParts, as_of: AsOf, clickstream: Clickstream, since_day: dt.date | None = None
) -> ir.Table:
    """The released events that were known, as `sessionize` gives them; those of bots are left out.

    The sessions are made anew: a finished one knows who logged in later. `since_day`: only of visitors with
    an event on that day (UTC) or later, from their first one on.
    """
    until, rules = known_until(as_of, clickstream), clickstream.sessions
    last = str(until.date() + dt.timedelta(days=1))  # a device's clock may be ahead
    known = known_within(events.of(name for name in events.names if name <= last), None, until)
    known = known.drop("session_key", "session_customer_id", "is_bot")
    if since_day:
        recent = known.filter(_.created_at >= ibis.literal(dt.datetime.combine(since_day, dt.time())))
        known = known.semi_join(recent, "visitor")
    marked = in_busy_hour(known, busy_hours(known, rules)).mutate(active_since=ibis.null("timestamp"))
    return sessionize(marked, rules).filter(~_.is_bot)
