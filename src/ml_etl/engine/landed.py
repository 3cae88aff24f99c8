"""A landed table: the shop's rows as Parquet, read once and added to by cursor."""

import datetime as dt
import json
import logging
import time
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
from filelock import FileLock
from kedro.io import AbstractDataset

from ml_etl.contracts import SOURCE
from ml_etl.engine.config import Engine, engine_of
from ml_etl.engine.duckdb import faults
from ml_etl.engine.stacked import one_above_the_other
from ml_etl.errors import ContractError
from ml_etl.files import digest, sha256, whole, write_json
from ml_etl.layout import Layout

_MOST_PARTS = 24
_UNUSED_SECONDS = 24 * 3600
"""A file no part names any more stays this long for runs that still read it."""


@dataclass(frozen=True)
class Part:
    """A landed file; of an append-only table its rows count where cursor < until (null: all)."""

    file: str
    sha256: str
    landed_at: str
    since: str | None = None
    until: str | None = None
    checksum: str = ""


@dataclass(frozen=True)
class Landed:
    """What is landed of one table: its parts, oldest first, and how far the cursor has come."""

    parts: tuple[Part, ...] = ()
    cursor: str | None = None
    high_water: str | None = None
    absent: tuple[str, ...] = field(default=())

    @property
    def version(self) -> str:
        """Changes exactly when the rows do."""
        return digest([(part.sha256, part.since, part.until, part.landed_at) for part in self.parts])[:16]

    @classmethod
    def read(cls, path: Path) -> "Landed":
        if not path.exists():
            return cls()
        content = json.loads(path.read_text("utf-8"))
        parts = tuple(Part(**part) for part in content.pop("parts"))
        return cls(parts=parts, **{**content, "absent": tuple(content["absent"])})


class LandedTable(AbstractDataset[ir.Table, ir.Table]):
    """Takes the source's lazy table and stores what is new of it.

    Append-only tables (those with a cursor) are read from the cursor's high-water mark less
    `lookback_days`; what was landed of that window is replaced, so rows that came late or were corrected
    within it are seen. Rows deleted or changed before it are not. The others are landed as whole snapshots,
    stored only when they differ from the newest one; each row carries its snapshot's `landed_at`.
    """

    def __init__(
        self,
        table: str,
        layout: dict[str, str],
        engine: dict[str, Any],
        lookback_days: int,
        keep_snapshots: int,
        metadata: dict | None = None,
    ):
        self._source = SOURCE[table]
        self._layout = Layout.of(**layout)
        self._engine = engine
        self._lookback = dt.timedelta(days=lookback_days)
        self._keep_snapshots = keep_snapshots
        self.metadata = metadata

    @property
    def table(self) -> str:
        return self._source.name

    @property
    def folder(self) -> Path:
        return self._layout.landing / self._source.name

    @property
    def engine(self) -> Engine:
        return engine_of(self._engine, self._layout)

    @property
    def state(self) -> Landed:
        return Landed.read(self.folder / "landed.json")

    def save(self, data: ir.Table) -> None:
        where = f"landing {self._source.name}"
        lock = FileLock(self.folder / ".lock", timeout=3600)
        with faults(where, writes=True):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        try:
            with faults(where):
                self._land(data)
        finally:
            lock.release()

    def _land(self, data: ir.Table) -> None:
        before = self.state
        self._say_absent(data, before)
        after = self._landed(data, before)
        if after != before:
            write_json(self.folder / "landed.json", asdict(after))
        self._sweep(after)

    def load(self) -> ir.Table:
        with faults(f"landed {self._source.name}"):
            return self._table(self.engine, require_landed(self))

    def _landed(self, source: ir.Table, before: Landed) -> Landed:
        cursor = next((name for name in self._source.cursor if name in source.columns), None)
        if cursor is None:
            return self._snapshot(self.engine, source, before)
        return self._append(self.engine, source, cursor, before)

    def _append(self, engine: Engine, source: ir.Table, cursor: str, before: Landed) -> Landed:
        since = self._window_start(before, cursor)
        window = source
        if since is not None:
            at = _literal(source, cursor, since)
            window = source.filter((source[cursor] >= at) | source[cursor].isnull())
            landed = self._table(engine, before)
            same = landed.filter((landed[cursor] >= at) | landed[cursor].isnull())
            if landed.schema() == window.schema() and engine.checksum(window) == engine.checksum(same):
                return before
        part = self._write(engine, window, since=since)
        kept = [_trimmed(old, since) for old in before.parts if _overlaps(old, since)]
        after = Landed(
            (*kept, part), cursor, self._high_water(engine, part, cursor, before), self._absent(source)
        )
        return after if len(after.parts) <= _MOST_PARTS else self._compact(engine, after)

    def _window_start(self, before: Landed, cursor: str) -> str | None:
        if not before.parts or before.cursor != cursor or before.high_water is None:
            return None
        return (dt.datetime.fromisoformat(before.high_water) - self._lookback).isoformat()

    def _high_water(self, engine: Engine, part: Part, cursor: str, before: Landed) -> str | None:
        """The newest cursor that is not in the future: a mistyped year must not hide the rows to come."""
        table = engine.read_parquet(self.folder / part.file)
        past = table[cursor].cast("timestamp") <= ibis.literal(_now().replace(tzinfo=None))
        newest = engine.first_row(table.aggregate(newest=table[cursor].cast("timestamp").max(where=past)))
        marks = [mark for mark in (before.high_water if part.since else None, newest["newest"]) if mark]
        return max(m if isinstance(m, str) else m.isoformat() for m in marks) if marks else None

    def _snapshot(self, engine: Engine, source: ir.Table, before: Landed) -> Landed:
        checksum = digest([source.columns, engine.checksum(source)])
        if before.parts and before.parts[-1].checksum == checksum:
            return before
        part = self._write(engine, source, checksum=checksum)
        kept = before.parts[:1] + before.parts[1:][-(self._keep_snapshots - 2) :]
        return Landed((*kept, part), None, None, self._absent(source))

    def _write(self, engine: Engine, table: ir.Table, since: str | None = None, checksum: str = "") -> Part:
        name = f"{uuid.uuid4().hex[:12]}.parquet"
        with whole(self.folder / name) as beside:
            engine.write_parquet(table, beside)
        return Part(name, sha256(self.folder / name), _now().isoformat(), since, None, checksum)

    def _compact(self, engine: Engine, state: Landed) -> Landed:
        part = self._write(engine, self._table(engine, state))
        return Landed((part,), state.cursor, state.high_water, state.absent)

    def _table(self, engine: Engine, state: Landed) -> ir.Table:
        return one_above_the_other([self._part(engine, part, state.cursor) for part in state.parts])

    def _part(self, engine: Engine, part: Part, cursor: str | None) -> ir.Table:
        table = engine.read_parquet(self.folder / part.file)
        if cursor is None:
            landed_at = dt.datetime.fromisoformat(part.landed_at).replace(tzinfo=None)
            return table.mutate(landed_at=ibis.literal(landed_at))
        return (
            table if part.until is None else table.filter(table[cursor] < _literal(table, cursor, part.until))
        )

    def _absent(self, source: ir.Table) -> tuple[str, ...]:
        return tuple(column.name for column in self._source.columns if column.name not in source.columns)

    def _say_absent(self, source: ir.Table, before: Landed) -> None:
        absent = self._absent(source)
        if absent and absent != before.absent:
            logging.getLogger(__name__).info(
                "%s: the shop has no %s; what needs them is null.", self._source.name, ", ".join(absent)
            )

    def _sweep(self, state: Landed) -> None:
        """Remove what a killed landing left half-written, and what no part has named for a day."""
        for half in self.folder.glob(".*.*.*"):
            half.unlink(missing_ok=True)
        used = {part.file for part in state.parts}
        for path in self.folder.glob("[!.]*.parquet"):
            if path.name not in used and time.time() - path.stat().st_mtime > _UNUSED_SECONDS:
                path.unlink(missing_ok=True)

    def _exists(self) -> bool:
        return bool(self.state.parts)

    def _describe(self) -> dict[str, Any]:
        return {"folder": str(self.folder)}


def require_landed(dataset: LandedTable) -> Landed:
    """The landed state, or an error that says how to land."""
    state = dataset.state
    if not state.parts:
        raise ContractError(f"{dataset.folder} holds no landed rows. Run `kedro run --tags landing` first.")
    return state


def _overlaps(part: Part, since: str | None) -> bool:
    """Whether a part keeps rows when a new one takes over all rows from `since`."""
    return since is not None and (part.since is None or part.since < since)


def _trimmed(part: Part, since: str | None) -> Part:
    until = min(mark for mark in (part.until, since) if mark)
    return Part(**{**asdict(part), "until": until})


def _literal(table: ir.Table, column: str, iso: str) -> ir.Scalar:
    """`iso` in the column's own type; of a date column, the whole day of the mark counts."""
    moment = dt.datetime.fromisoformat(iso)
    return ibis.literal(moment.date() if table[column].type().is_date() else moment)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
