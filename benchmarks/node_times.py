"""`kedro run` with the seconds of each node: `python node_times.py OUT.json [--unjudged|--unencoded] run …`.

A node counts from the loading of its inputs to the saving of its outputs: lazy tables run while either.
A scratch file is written when it is first read; that counts for the node that made its table, not for the
one that happens to come first.
`--unjudged` types the rows and keeps the right ones, without what the contracts add to that: verdicts, notes,
and the source's row of what is rejected. Run it no further than to the counts (`--to-nodes`): no release is
planned then, so that the columns are chosen here which the `--pipelines` asked for read.
`--unencoded` gives texts random vectors in place of the model's: everything else is as it is. Their variance
falls over the dimensions as 1/k, as far as sentence vectors' does: an index of them costs what one of real
vectors does, while one of equal variances, where nothing is near, takes twice as long. They come into the
cache under the model's name, so use a data folder that is thrown away. Making and storing them is told apart,
as `encoding`: it stands in the place of the encoder, whose own rate (benchmarks/encoding.py) has it, too.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import ibis
import ibis.expr.types as ir
import numpy as np
from kedro.framework.cli.cli import main
from kedro.runner.task import Task

from ml_etl.contracts import Contract, rows
from ml_etl.encoders.encode import CachedEncoder
from ml_etl.encoders.text_model import TextModel
from ml_etl.engine import Scratch

ENCODING = "encoding"
seconds: dict[str, float] = defaultdict(float)
execute, save, write = Task.execute, Scratch.save, Scratch._written
makers: WeakKeyDictionary[Scratch, str] = WeakKeyDictionary()


class Clock:
    """The node that runs, and the seconds that were given to others meanwhile."""

    node, given = "", 0.0


def _timed(task: Task) -> Any:
    began, Clock.node, Clock.given = time.perf_counter(), task.node.name, 0.0
    try:
        return execute(task)
    finally:
        seconds[task.node.name] += time.perf_counter() - began - Clock.given


def _saved(scratch: Scratch, table: Any) -> None:
    makers[scratch] = Clock.node
    save(scratch, table)


def _written(scratch: Scratch, *how: Any) -> Path:
    began = time.perf_counter()
    try:
        return write(scratch, *how)
    finally:
        taken = time.perf_counter() - began
        seconds[makers[scratch]] += taken
        Clock.given += taken


def _unjudged(table: ir.Table, contract: Contract, *_order_uniqueness_and_unread: Any) -> ir.Table:
    """The rows that break no rule, in the shape of judged ones; repeated keys are not looked for.

    Columns are those that a whole run of the pipelines asked for would write.
    """
    broken = ibis.or_(*(rule.broken(table).fill_null(False) for rule in contract.rules))
    unread = contract.unread(sys.argv[sys.argv.index("--pipelines") + 1].split(","))
    right = table.filter(~broken).select(*(c.name for c in contract.columns if c.name not in unread))
    silent = {rows.DUPLICATE: False, **{f"note.{note.name}": False for note in contract.notes}}
    unrejected = {"source_key": ibis.null("string"), "source_row": ibis.null("string")}
    return right.mutate(**{rows.RULE: ibis.null("int8")}, **silent, **unrejected)


def _random_vectors(model: TextModel, values: Sequence[str]) -> tuple[np.ndarray, dict[int, str]]:
    """A row per text, in no time."""
    chance = np.random.default_rng(len(values))
    spread = 1 / np.sqrt(np.arange(1, model.card.dim + 1, dtype=np.float32))
    return chance.standard_normal((len(values), model.card.dim), np.float32) * spread, {}


def _told_apart(encode_missing: Callable[..., Any]) -> Callable[..., Any]:
    def encode(encoder: CachedEncoder, missing: dict[bytes, Any]) -> Any:
        began = time.perf_counter()
        try:
            return encode_missing(encoder, missing)
        finally:
            seconds[ENCODING] += time.perf_counter() - began

    return encode


def _without(what: str) -> None:
    if what == "--unjudged":
        rows.judge = _unjudged
    elif what == "--unencoded":
        TextModel.ready = lambda model: None
        TextModel.vectors = _random_vectors
        CachedEncoder._encode_missing = _told_apart(CachedEncoder._encode_missing)


if __name__ == "__main__":
    out = Path(sys.argv.pop(1))
    if sys.argv[1].startswith("--"):
        _without(sys.argv.pop(1))
    sys.argv[0] = "kedro"
    Task.execute, Scratch.save, Scratch._written = _timed, _saved, _written
    try:
        main()
    finally:
        out.write_text(json.dumps(seconds))
