"""`kedro run` with the seconds of each node: `python node_times.py OUT.json [--unjudged] run …`.

A node counts from the loading of its inputs to the saving of its outputs: lazy tables run while either.
`--unjudged` types the rows and keeps the right ones, without what the contracts add to that: verdicts, notes,
and the source's row of what is rejected. Run it no further than to the counts (`--to-nodes`).
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
from kedro.framework.cli.cli import main
from kedro.runner.task import Task

from ml_etl.contracts import Contract, rows

seconds: dict[str, float] = {}
execute = Task.execute


def _timed(task: Task) -> Any:
    began = time.perf_counter()
    try:
        return execute(task)
    finally:
        seconds[task.node.name] = time.perf_counter() - began


def _unjudged(table: ir.Table, contract: Contract, order: Sequence[Any] = (), **_: Any) -> ir.Table:
    """The rows that break no rule, in the shape of judged ones; repeated keys are not looked for."""
    broken = ibis.or_(*(rule.broken(table).fill_null(False) for rule in contract.rules))
    right = table.filter(~broken).select(*(column.name for column in contract.kept))
    silent = {rows.DUPLICATE: False, **{f"note.{note.name}": False for note in contract.notes}}
    return right.mutate(**{rows.RULE: ibis.null("string")}, **silent)


if __name__ == "__main__":
    out = Path(sys.argv.pop(1))
    if sys.argv[1] == "--unjudged":
        sys.argv.pop(1)
        rows.judge = _unjudged
    sys.argv[0] = "kedro"
    Task.execute = _timed
    try:
        main()
    finally:
        out.write_text(json.dumps(seconds))
