"""Looking after the cache of vectors: what is in it, and what may go."""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

from ml_etl.encoders.cache import connect, faults


@dataclass(frozen=True)
class Space:
    """The vectors of one model: how many, how large, when one was last read."""

    name: str
    kind: str
    model: str
    precision: str
    vectors: int
    bytes: int
    last_used: dt.date


def spaces(path: Path) -> list[Space]:
    """What the cache holds, the largest first."""
    return _summed(path, "TRUE", ())


def prunable(path: Path, unused_since: dt.date, model: str | None = None) -> list[Space]:
    """The part of each space that may go: not read since that day, or all of the named model's."""
    return _summed(path, *_old(unused_since, model))


def prune(path: Path, unused_since: dt.date, model: str | None = None) -> int:
    """Remove what `prunable` tells, and give the disk back its space: how many bytes."""
    if not path.exists():
        return 0
    before = _size(path)
    which, values = _old(unused_since, model)
    with faults(path):
        connection = connect(path)
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"CREATE TEMP TABLE gone AS SELECT v.id {_JOINED} WHERE {which}", values)
            connection.execute("DELETE FROM vectors WHERE id IN (SELECT id FROM gone)")
            connection.execute("DELETE FROM used WHERE id IN (SELECT id FROM gone)")
            connection.execute("DELETE FROM spaces WHERE space NOT IN (SELECT space FROM vectors)")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    return before - _size(path)


def _size(path: Path) -> int:
    """Bytes of the file and of what was written since it was last put in order."""
    log = path.with_name(path.name + "-wal")
    return sum(file.stat().st_size for file in (path, log) if file.exists())


_JOINED = "FROM vectors v JOIN used u ON u.id = v.id JOIN spaces s ON s.space = v.space"


def _old(unused_since: dt.date, model: str | None) -> tuple[str, tuple]:
    if model is None:
        return "u.day < ?", (unused_since.toordinal(),)
    return "json_extract(s.card, '$.model') = ?", (model,)


def _summed(path: Path, which: str, values: tuple) -> list[Space]:
    if not path.exists():
        return []
    with faults(path):
        connection = connect(path)
        rows = connection.execute(
            f"SELECT s.name, s.card, count(*), sum(length(v.vector) + length(v.key)), max(u.day) "
            f"{_JOINED} WHERE {which} GROUP BY s.space ORDER BY 4 DESC, 1",
            values,
        ).fetchall()
        connection.close()
    return [_space(*row) for row in rows]


def _space(name: str, card: str, vectors: int, size: int, day: int) -> Space:
    told = json.loads(card)
    last = dt.date.fromordinal(day)
    return Space(name, told["kind"], told["model"], told["precision"], vectors, size, last)
