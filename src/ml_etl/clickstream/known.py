"""What was known of clicks at some moment: the events that had come in, and their sessions as of then."""

import datetime as dt

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.clickstream.moments import known_within
from ml_etl.clickstream.params import Clickstream, SessionRules
from ml_etl.clickstream.sessions import busy_hours, in_busy_hour, longest, sessionize
from ml_etl.parts import StoredParts

_TOLD = ("session_key", "session_customer_id", "is_bot")
"""What an event has of its session."""


def known_until(as_of: AsOf, clickstream: Clickstream) -> dt.datetime:
    """Naive UTC: how far a run of that as-of reads the source."""
    return as_of.moment.replace(tzinfo=None) - clickstream.reading.safety_lag


def events_as_of(
    events: StoredParts, as_of: AsOf, clickstream: Clickstream, since_day: dt.date | None = None
) -> ir.Table:
    """The released events that were known, with their sessions as of then; those of bots are left out.

    Sessions are told anew of visitors with events that came in later: a finished one knows who logged in
    later. Those of all others are as they were, unless events were made by other rules. `since_day`: whole
    are the sessions with an event on that day (UTC) or later; of earlier ones some events are left out.
    """
    until, rules = known_until(as_of, clickstream), clickstream.sessions
    stored = events.all()
    known = known_within(stored, None, until).filter(_.created_at < ibis.literal(_latest(until)))
    later = stored.filter(_.ingested_at >= ibis.literal(until))
    others = later if _made_by(events, rules) else known
    anew, same = known.semi_join(others, "visitor"), known.anti_join(others, "visitor")
    if since_day:
        midnight = dt.datetime.combine(since_day, dt.time())
        anew = anew.semi_join(anew.filter(_.created_at >= ibis.literal(midnight)), "visitor")
        same = same.filter(_.created_at >= ibis.literal(midnight - longest(rules)))
    sessions = _sessions(anew.drop(*_TOLD), rules).select(*same.columns)
    return same.union(sessions).filter(~_.is_bot)


def _latest(until: dt.datetime) -> dt.datetime:
    """Events of this moment or later are left out. A device's clock may be ahead, but not by days."""
    return dt.datetime.combine(until.date() + dt.timedelta(days=2), dt.time())


def _made_by(events: StoredParts, rules: SessionRules) -> bool:
    return events.parameters.get("clickstream", {}).get("sessions") == rules.model_dump()


def _sessions(events: ir.Table, rules: SessionRules) -> ir.Table:
    """All events of some visitors, with their sessions."""
    marked = in_busy_hour(events, busy_hours(events, rules))
    return sessionize(marked.mutate(active_since=ibis.null("timestamp")), rules)
