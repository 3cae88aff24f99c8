"""What became of the rows that came in, by quarter of an hour; and those that were rejected."""

import datetime as dt

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from ml_etl.absent import Absent
from ml_etl.clickstream.moments import bucket
from ml_etl.contracts import Contract
from ml_etl.expressions import built_once
from ml_etl.parts import NewParts, StoredParts
from ml_etl.pipelines.events.contracts import shaped
from ml_etl.pipelines.events.days import PART
from ml_etl.pipelines.events.known import ACCEPTED, REMOVED, stored
from ml_etl.pipelines.events.rejected import from_texts
from ml_etl.pipelines.events.rules import INTAKE, QUARANTINE
from ml_etl.pipelines.events.types import TYPES
from ml_etl.plan import Plan

UNDATED = dt.date(1970, 1, 1)
"""The part of rows that don't say when they came in: before all others, since the last is the newest."""


def window(plan: Plan) -> pa.Table:
    """The moments between which the source is read, as a table of one row: `since` (null: from the first
    row on) and `until`."""
    moments = {"since": plan.grown.since, "until": plan.grown.until}
    return pa.table({name: pa.array([moment], pa.timestamp("us")) for name, moment in moments.items()})


def intake(compared: ir.Table, before: StoredParts | Absent, window: ir.Table, plan: Plan) -> NewParts:
    """Counts of the window that was read, which take the place of those that were there of it."""
    known, days = stored_window(before, INTAKE, plan)
    return NewParts(_intake(compared, known, window), PART, days, plan.grown.base)


@built_once
def _intake(compared: ir.Table, before: ir.Table, window: ir.Table) -> ir.Table:
    rows = compared.filter(_.outcome.notnull())
    counts = _counts(rows, rows.rule.fill_null(rows.outcome))
    both = counts.union(missing(compared, before, window))
    summed = both.group_by("bucket", "outcome").aggregate(
        rows=_["rows"].sum(), unknown_type_rows=_.unknown_type_rows.sum(), newest=_.newest.max()
    )
    table = shaped(summed, INTAKE).union(_outside(before, window, "bucket"))
    return table.mutate(part=_part(_.bucket))


def _counts(rows: ir.Table, outcome: ir.StringValue) -> ir.Table:
    counts = rows.group_by(bucket=bucket(rows.ingested_at), outcome=outcome).aggregate(
        rows=_.count(),
        unknown_type_rows=_.count(where=~_.event_type.isin(TYPES)).fill_null(0),
        newest=_.ingested_at.max(),
    )
    return shaped(counts, INTAKE)


def missing(compared: ir.Table, before: ir.Table, window: ir.Table) -> ir.Table:
    """Counts, as in the table, of the window's events that the source has no more as they came in.

    Whether they were deleted, changed or moved away is not told. They stay, as all others do before them.
    """
    found = compared.filter(((_.outcome == ACCEPTED) & _.change.isnull()) | (_.change == REMOVED))
    again = _counts(found, ibis.literal(ACCEPTED))
    known = inside(before, window, "bucket").filter(_.outcome == ACCEPTED)
    pairs = known.left_join(again, ["bucket", "outcome"])
    less = {name: pairs[name] - pairs[f"{name}_right"].fill_null(0) for name in ("rows", "unknown_type_rows")}
    return shaped(pairs.mutate(**less).filter(_["rows"] > 0), INTAKE)


def quarantine(batch: ir.Table, before: StoredParts | Absent, window: ir.Table, plan: Plan) -> NewParts:
    """The rejected rows of the window, as they came, in the place of those that were there of it."""
    known, days = stored_window(before, QUARANTINE, plan)
    return NewParts(_quarantine(batch, known, window), PART, days, plan.grown.base)


@built_once
def _quarantine(batch: ir.Table, before: ir.Table, window: ir.Table) -> ir.Table:
    rows = batch.filter(_.rule.notnull())
    rejected = shaped(rows.select("rule", **from_texts(rows.source_row)), QUARANTINE)
    table = rejected.union(_outside(before, window, "ingested_at"))
    return table.mutate(part=_part(_.ingested_at))


def _part(moment: ibis.Deferred) -> ibis.Deferred:
    return moment.date().fill_null(ibis.literal(UNDATED))


def stored_window(
    before: StoredParts | Absent, contract: Contract, plan: Plan
) -> tuple[ir.Table, tuple[str, ...] | None]:
    """The stored rows of the days the window has moments of, and these days (None: all there are).

    Rows that don't say when they came in are read by every run, and take the place of those there were.
    """
    increment = plan.grown
    if increment.since is None:
        return shaped(stored(before, contract).of(()), contract), None
    first, last = increment.since.date(), (increment.until - dt.timedelta(microseconds=1)).date()
    days = (str(UNDATED), *(str(first + dt.timedelta(days=n)) for n in range((last - first).days + 1)))
    return shaped(stored(before, contract).of(days), contract), days


def _in_window(joined: ir.Table, column: str) -> ir.BooleanValue:
    """Whether a row of a table that is joined with the window lies in it; one without a moment does."""
    since = (joined[column] >= joined.since).fill_null(True)
    return since & (joined[column] < joined.until).fill_null(True)


def inside(table: ir.Table, window: ir.Table, column: str) -> ir.Table:
    """The rows that came in within the window."""
    told = table.cross_join(window)
    return told.filter(_in_window(told, column)).select(*table.columns)


def _outside(table: ir.Table, window: ir.Table, column: str) -> ir.Table:
    """The rows that came in before or after the window."""
    told = table.cross_join(window)
    return told.filter(~_in_window(told, column)).select(*table.columns)
