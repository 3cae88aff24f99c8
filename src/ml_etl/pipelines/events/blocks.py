"""Blocks of visitors and spans of days: what is worked on at once should fit into memory."""

import datetime as dt
from collections.abc import Iterable

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.hashes import hashed

BUCKETS = 16
"""Visitors lie in files of so many buckets; a block of them is read from some of these files."""

Span = tuple[dt.date, dt.date]
"""The first and the last of days that are worked on at once."""


def even_blocks(needed: int) -> int:
    """At least so many blocks: 1, 2, 4, 8 or times BUCKETS, so that all have the same share of buckets."""
    return next((n for n in (1, 2, 4, 8) if n >= needed), -(-needed // BUCKETS) * BUCKETS)


def with_bucket(table: ir.Table) -> ir.Table:
    """The rows with their `visitor_bucket`. Which one is the engine's matter: it changes no row."""
    return table.mutate(visitor_bucket=_share(table.visitor, BUCKETS))


def of_block(table: ir.Table, blocks: int, block: int) -> ir.Table:
    """The rows of a block of visitors; `visitor_bucket`, which the table has, is left out."""
    if blocks > BUCKETS:
        of_bucket = table.visitor_bucket == block % BUCKETS
        table = table.filter(of_bucket, _share(table.visitor, blocks) == block)
    elif blocks > 1:
        table = table.filter(table.visitor_bucket.isin(list(range(block, BUCKETS, blocks))))
    return table.drop("visitor_bucket")


def _share(visitor: ir.Value, number: int) -> ir.IntegerValue:
    """0 to number - 1, told by the visitor's hash, which is below 0 where an engine's hashes are."""
    return (hashed(visitor) % number + number) % number


def spans(days: Iterable[str], number: int) -> list[Span | None]:
    """The days in so many spans of as many days; None: all of them at once."""
    if number == 1:
        return [None]
    ordered = [dt.date.fromisoformat(day) for day in sorted(days)]
    size = -(-len(ordered) // number) or 1
    some = (ordered[n : n + size] for n in range(0, len(ordered), size))
    return [(days[0], days[-1]) for days in some] or [None]


def of_span(days: Iterable[str], span: Span | None) -> list[str]:
    """Those of the days that lie in the span."""
    return [day for day in days if span is None or str(span[0]) <= day <= str(span[1])]


def within(span: Span) -> ibis.Deferred:
    """Whether an event is of those days (UTC): told by its moment, whose extremes files know."""
    first, last = (dt.datetime.combine(day, dt.time()) for day in span)
    after = last + dt.timedelta(days=1)
    return (_.created_at >= ibis.literal(first)) & (_.created_at < ibis.literal(after))
