"""Moments as whole seconds, the same on every engine; and the buckets in which events come in."""

import datetime as dt

import ibis
import ibis.expr.types as ir

BUCKET_MINUTES = 15


def seconds(moment: ir.TimestampValue) -> ir.IntegerValue:
    """Whole seconds since 1970, fractions cut off.

    Differences of seconds are taken of these: engines don't agree on what the difference of two moments is.
    """
    return moment.truncate("s").epoch_seconds().cast("int64")


def bucket(moment: ir.TimestampValue) -> ir.TimestampValue:
    """The start of the quarter of an hour."""
    started = moment.minute() // BUCKET_MINUTES * BUCKET_MINUTES
    return moment.truncate("h") + started.as_interval("m")


def bucket_of(moment: dt.datetime) -> dt.datetime:
    """The same of one moment."""
    return moment.replace(minute=moment.minute // BUCKET_MINUTES * BUCKET_MINUTES, second=0, microsecond=0)


def known_within(events: ir.Table, since: dt.datetime | None, until: dt.datetime) -> ir.Table:
    """The rows that came in at or after `since` and before `until` (naive UTC)."""
    return events.filter(_within(events.ingested_at, since, until))


def read_within(source: ir.Table, since: dt.datetime | None, until: dt.datetime) -> ir.Table:
    """The rows of a source that came in then, dated; and those without any moment, which every run reads.

    Asked for apart, files whose rows all came in at other times are passed over.
    """
    told = source.filter(_within(source.ingested_at, since, until))
    happened = _within(source.created_at, since, until).fill_null(True)
    return dated(told.union(source.filter(source.ingested_at.isnull() & happened)))


def dated(source: ir.Table) -> ir.Table:
    """Rows that don't say when they came in did when they happened."""
    return source.mutate(ingested_at=ibis.coalesce(source.ingested_at, source.created_at))


def _within(moment: ir.TimestampValue, since: dt.datetime | None, until: dt.datetime) -> ir.BooleanValue:
    before = moment < ibis.literal(until)
    return before if since is None else before & (moment >= ibis.literal(since))
