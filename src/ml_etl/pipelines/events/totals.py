"""Everything that ever came in, counted: the version before, with the window that was read counted anew."""

import logging
from typing import Any

import ibis.expr.types as ir
from ibis import _

from ml_etl.absent import Absent
from ml_etl.errors import ContractError
from ml_etl.expressions import built_once
from ml_etl.parts import StoredParts
from ml_etl.pipelines.events.intake import inside, missing, stored_window
from ml_etl.pipelines.events.known import ACCEPTED, ADDED, CONFLICTING, REMOVED, REPEATED, stored
from ml_etl.pipelines.events.params import CeilingParams, EventsParams
from ml_etl.pipelines.events.rules import INTAKE, RULES
from ml_etl.pipelines.events.types import TYPES
from ml_etl.plan import Plan

OUTCOMES = (ACCEPTED, REPEATED, CONFLICTING, *RULES)
_UNKNOWN = "unknown_type"


def extent(
    compared: ir.Table, intake: StoredParts | Absent, window: ir.Table, plan: Plan
) -> dict[str, ir.Table]:
    """A one-row table to run, `batch`.

    The earliest moment that changes, the last one to come in, `newest_before`, and what the window's rows
    are counted as, `now.OUTCOME`, and were in the version before, `was.OUTCOME`; `gone.accepted` are events
    that stay, though the source has them no more.
    """
    parts = stored(intake, INTAKE)
    known, _days = stored_window(intake, INTAKE, plan)
    return {"batch": _extent(compared, known, window, parts.of(parts.names[-1:]))}


@built_once
def _extent(compared: ir.Table, known: ir.Table, window: ir.Table, newest: ir.Table) -> ir.Table:
    rows = compared.mutate(counted=_.rule.fill_null(_.outcome))
    # Ibis counts with a condition on Spark by a sum, which is null of no rows.
    batch = rows.aggregate(
        earliest=_.created_at.min(where=_.change.notnull()),
        newest=_.ingested_at.max(where=_.outcome.notnull()),
        added=_.count(where=_.change == ADDED).fill_null(0),
        removed=_.count(where=_.change == REMOVED).fill_null(0),
        **{f"now.{name}": _.count(where=_.counted == name).fill_null(0) for name in OUTCOMES},
        **{f"now.{_UNKNOWN}": _.count(where=_.outcome.notnull() & ~_.event_type.isin(TYPES)).fill_null(0)},
    )
    counted = inside(known, window, "bucket")
    was = counted.aggregate(
        **{f"was.{name}": counted["rows"].sum(where=_.outcome == name).fill_null(0) for name in OUTCOMES},
        **{f"was.{_UNKNOWN}": _.unknown_type_rows.sum().fill_null(0)},
    )
    gone = missing(compared, known, window).aggregate(
        **{f"gone.{ACCEPTED}": _["rows"].sum().fill_null(0)},
        **{f"gone.{_UNKNOWN}": _.unknown_type_rows.sum().fill_null(0)},
    )
    return batch.cross_join(was).cross_join(gone).cross_join(newest.aggregate(newest_before=_.newest.max()))


def totals(
    extent: dict[str, dict[str, Any]], before: dict[str, int] | Absent, plan: Plan, params: EventsParams
) -> dict[str, int]:
    """Rows ever read by outcome, `events` (the rows of the table), and rows of types that are not known.

    Raises:
        ContractError: rows went missing, or more than the ceiling of the window's rows were rejected.
    """
    found, old = extent["batch"], {} if isinstance(before, Absent) else before
    counts = {
        name: old.get(name, 0) - int(found[f"was.{name}"]) + _now(found, name)
        for name in (*OUTCOMES, _UNKNOWN)
    }
    events = old.get("events", 0) + found["added"] - found["removed"]
    if counts[ACCEPTED] != events:
        raise ContractError(
            f"events: {counts[ACCEPTED]:,} rows accepted of the source, but {events:,} events. What was read "
            f"does not fit the counts of the release that is added to: read all anew with "
            f"`--params events.rebuild=true`. Is it damaged? `kedro releases verify` tells."
        )
    _say_gone(int(found[f"gone.{ACCEPTED}"]))
    _enforce(found, params.ceiling)
    return {**counts, "events": events}


def _now(found: dict[str, Any], name: str) -> int:
    return int(found[f"now.{name}"]) + int(found.get(f"gone.{name}", 0))


def _say_gone(events: int) -> None:
    if events:
        logging.getLogger(__name__).warning(
            "events: %d of those read before are no longer in the source as they came in (deleted, changed, "
            "moved). They stay; `--params events.rebuild=true` reads all anew, and leaves them out.",
            events,
        )


def _enforce(found: dict[str, Any], ceiling: CeilingParams) -> None:
    rows = sum(int(found[f"now.{name}"]) for name in OUTCOMES)
    rejected = {name: int(found[f"now.{name}"]) for name in RULES}
    total = sum(rejected.values())
    if rows >= ceiling.min_rows and total > ceiling.share * rows:
        worst = max(rejected, key=lambda name: rejected[name])
        raise ContractError(
            f"events: {total:,} of the {rows:,} rows read were rejected ({total / rows:.1%}), most by "
            f"{worst} ({rejected[worst]:,}); the ceiling is {ceiling.share:.1%}. Mend the source, or raise "
            f"events.ceiling.share."
        )


def of_run(now: dict[str, int], before: dict[str, int] | Absent) -> dict[str, int]:
    """What this run brought, by the names of etl_runs."""
    old = {} if isinstance(before, Absent) else before
    more = {name: now[name] - old.get(name, 0) for name in (*OUTCOMES, _UNKNOWN)}
    rejected = sum(more[name] for name in RULES)
    duplicates = more[REPEATED] + more[CONFLICTING]
    return {
        "rows_in": more[ACCEPTED] + duplicates + rejected,
        "rows_out": more[ACCEPTED],
        "quarantined": rejected,
        "duplicates": duplicates,
        **{f"rule.{name}": more[name] for name in RULES},
        f"note.{CONFLICTING}": more[CONFLICTING],
        f"note.{_UNKNOWN}": more[_UNKNOWN],
    }
