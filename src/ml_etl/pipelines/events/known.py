"""What is new of a batch: its rows against one another and against all events known before."""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _

from ml_etl.absent import Absent
from ml_etl.contracts import Contract
from ml_etl.expressions import built_once
from ml_etl.parts import StoredParts
from ml_etl.pipelines.events.blocks import with_bucket
from ml_etl.pipelines.events.contracts import EVENTS, RAW, shaped
from ml_etl.repeats import repeats

ADDED, REMOVED = "added", "removed"
ACCEPTED, REPEATED, CONFLICTING, REJECTED = "accepted", "repeated", "conflicting", "rejected"
_PAYLOAD = tuple(name for name in RAW if name not in ("event_id", "ingested_at"))


def stored(table: StoredParts | Absent, contract: Contract) -> StoredParts:
    """The table as it is stored; an empty one where nothing is added to."""
    return StoredParts.none(contract.schema) if isinstance(table, Absent) else table


def event_ids(batch: ir.Table, index: Any) -> ir.Table:
    """The ids to look up; none where nothing is known before."""
    ids = batch.filter(_.rule.isnull()).select("event_id").distinct()
    return ids.limit(0) if isinstance(index, Absent) else ids


def days_known(keys: np.ndarray, index: Any) -> list[str]:
    """The days whose events may have one of the batch's ids."""
    return [] if isinstance(index, Absent) else index.days(keys)


def repeated(batch: ir.Table, events: StoredParts | Absent, days: Sequence[str]) -> ir.Table:
    """The rows of the batch and the known events that share their event_id with others, as `compare` tells
    them. All others, nearly all of a first batch, are read from the batch as they are."""
    return _repeated(batch, None if isinstance(events, Absent) else shaped(events.of(days), EVENTS))


def compare(batch: ir.Table, repeated: ir.Table) -> ir.Table:
    """The batch's rows, and known events that have to go, with their `outcome` and `change`.

    Of rows that share an event_id, the one that came in first is the event (ties by all columns). `outcome`
    is accepted, repeated (a later row of the same content), conflicting (of another) or rejected by `rule`.
    `change` is added for an accepted row that is not known yet, and removed for a known event that another
    row came in before: that row was not visible when its time was read.
    """
    return _compared(batch, repeated)


@built_once
def _repeated(batch: ir.Table, known: ir.Table | None) -> ir.Table:
    valid = batch.filter(_.rule.isnull()).select(*RAW)
    rows = valid.mutate(is_known=False)
    if known is not None:  # a union is kept in memory whole, and a first batch is all there ever was
        rows = rows.union(known.select(*RAW).semi_join(valid, "event_id").mutate(is_known=True))
    return with_bucket(_several(rows.semi_join(repeats(rows, ["event_id"]), "event_id")))


@built_once
def _compared(batch: ir.Table, repeated: ir.Table) -> ir.Table:
    told = ["outcome", "change", "rule", "visitor_bucket"]
    once = batch.filter(_.rule.isnull()).anti_join(repeated, "event_id")
    once = once.mutate(outcome=ibis.literal(ACCEPTED), change=ibis.literal(ADDED))
    rejected = batch.filter(_.rule.notnull())
    rejected = rejected.mutate(outcome=ibis.literal(REJECTED), change=ibis.null("string"))
    several = repeated.mutate(rule=ibis.null("string"))
    return ibis.union(*(table.select(*RAW, *told) for table in (once, several, rejected)))


def _several(rows: ir.Table) -> ir.Table:
    """Rows that share their event_id with others."""
    order = [_.ingested_at, *(_[name].asc(nulls_first=True) for name in _PAYLOAD), _.is_known]
    ranked = rows.mutate(rank=ibis.row_number().over(ibis.window(group_by="event_id", order_by=order)))
    first = ranked.filter(_.rank == 0).select(*RAW)
    pairs = ranked.inner_join(first, "event_id", rname="first_{name}")
    same = ibis.and_(*(pairs[name].identical_to(pairs[f"first_{name}"]) for name in _PAYLOAD))
    pairs = pairs.mutate(same=same, equal=same & (_.ingested_at == _.first_ingested_at))
    is_event_known = (_.is_known & _.equal).max().over(ibis.window(group_by="event_id"))
    told = pairs.mutate(is_event_known=is_event_known).filter(~(_.is_known & _.equal))
    return told.select(
        *RAW,
        outcome=ibis.cases(
            (_.is_known, ibis.null("string")),
            (_.rank == 0, ACCEPTED),
            (_.same, REPEATED),
            else_=CONFLICTING,
        ),
        change=ibis.cases(
            (_.is_known, REMOVED), ((_.rank == 0) & ~_.is_event_known, ADDED), else_=ibis.null("string")
        ),
    )
