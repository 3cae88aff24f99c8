"""A landed table: the shop's rows as Parquet, read once and added to by cursor."""

import datetime as dt
import logging
import time
import uuid
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
from filelock import FileLock
from kedro.io import AbstractDataset

from ml_etl.contracts import SOURCE
from ml_etl.engine.config import Engine, engine_of
from ml_etl.engine.faults import faults
from ml_etl.engine.incoming import Incoming, Source, from_then, incoming, literal
from ml_etl.engine.landed_state import Landed, Part, overlaps, trimmed, worth_keeping
from ml_etl.engine.stacked import one_above_the_other
from ml_etl.errors import ContractError, UsageError
from ml_etl.files import digest, sha256, whole, write_json
from ml_etl.layout import Layout

_MOST_PARTS = 24
_UNUSED_SECONDS = 24 * 3600
"""A file no part names any more stays this long for runs that still read it."""


class LandedTable(AbstractDataset[Source, ir.Table]):
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
        lookback_days: float,
        keep_snapshots: int,
        customer_key: str | None = None,
        shop_folder: str | None = None,
        metadata: dict | None = None,
    ):
        self._source = SOURCE[table]
        self._layout = Layout.of(**layout)
        self._engine = engine
        self._lookback = dt.timedelta(days=lookback_days)
        self._keep_snapshots = keep_snapshots
        self._customer_key = customer_key if "customer_id" in self._source.by_name else None
        self._shop_folder = str(Path(shop_folder).resolve()) if shop_folder else None
        self.again_from: dt.datetime | None = None
        """A moment, from which the next landing reads again at the latest."""
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

    def save(self, data: Source) -> None:
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

    def _land(self, data: Source) -> None:
        former, before = self.state, self._before()
        self._say_absent(data, before)
        after = replace(self._landed(data, before), shop_folder=self._shop_folder or before.shop_folder)
        if after != before:
            write_json(self.folder / "landed.json", asdict(after))
        self._sweep(after, after.customer_key != former.customer_key)

    def _before(self) -> Landed:
        """What is landed; nothing, where customer_id is to be hashed with another key from now on.

        Raises:
            UsageError: it was hashed, and the key is missing now: the shop's own ids would come in. Or it is
                of a shop in another folder: what is older than the lookback would stay.
        """
        before = self.state
        if before.shop_folder and self._shop_folder and before.shop_folder != self._shop_folder:
            raise UsageError(
                f"{self.folder} holds rows of the shop in {before.shop_folder}, not of that in "
                f"{self._shop_folder}. Give each shop a data folder of its own (ML_ETL_DATA); or, if this "
                f"one takes the other's place, remove {self._layout.landing}."
            )
        if not before.parts or before.customer_key == self._customer_key:
            return before
        if self._customer_key is None:
            raise UsageError(
                f"{self.folder} holds hashed customers, and ML_ETL_CUSTOMER_KEY is not set. Set it; or, to "
                f"go on with the shop's own ids, remove that folder."
            )
        return Landed()

    def load(self) -> ir.Table:
        with faults(f"landed {self._source.name}"):
            return self._table(self.engine, require_landed(self))

    def _landed(self, source: Source, before: Landed) -> Landed:
        cursors = self._cursors(source, before)
        if not cursors:
            return self._snapshot(self.engine, source, before)
        return self._append(self.engine, source, cursors, before)

    def _cursors(self, source: Source, before: Landed) -> list[str]:
        """The cursor columns the shop has, the best first: one that was empty before is passed by."""
        names = [name for name in self._source.cursor if name in source.columns]
        if before.cursor not in names:
            return names
        at = names.index(before.cursor)
        return names[at:] if not set(names[:at]) & set(before.absent) else names

    def _append(self, engine: Engine, source: Source, cursors: list[str], before: Landed) -> Landed:
        cursor = cursors[0]
        since = self._window_start(before, cursor)
        with incoming(engine, source, self.folder, cursor, since) as window:
            if since is not None and self._is_landed(engine, window.table, cursor, since, before):
                return before
            part = self._write(window, since=since)
        kept = [trimmed(old, since) for old in before.parts if overlaps(old, since)]
        marks = ((name, self._high_water(engine, part, name, before)) for name in cursors)
        cursor, mark = next(((name, mark) for name, mark in marks if mark), (cursor, None))
        after = Landed((*kept, part), cursor, mark, self._absent(source), self._customer_key)
        return after if len(after.parts) <= _MOST_PARTS else self._compact(engine, after)

    def _is_landed(self, engine: Engine, window: ir.Table, cursor: str, since: str, before: Landed) -> bool:
        """Whether the window's rows are those that were landed of it."""
        same = from_then(self._table(engine, before), cursor, since)
        return same.schema() == window.schema() and engine.checksum(window) == engine.checksum(same)

    def _window_start(self, before: Landed, cursor: str) -> str | None:
        if not before.parts or before.cursor != cursor or before.high_water is None:
            return None
        usual = dt.datetime.fromisoformat(before.high_water) - self._lookback
        return min(usual, self.again_from or usual).isoformat()

    def _high_water(self, engine: Engine, part: Part, cursor: str, before: Landed) -> str | None:
        """The newest cursor that is not in the future: a mistyped year must not hide the rows to come."""
        table = engine.read_parquet(self.folder / part.file)
        past = table[cursor].cast("timestamp") <= ibis.literal(_now().replace(tzinfo=None))
        newest = engine.first_row(table.aggregate(newest=table[cursor].cast("timestamp").max(where=past)))
        marks = [mark for mark in (before.high_water if part.since else None, newest["newest"]) if mark]
        return max(m if isinstance(m, str) else m.isoformat() for m in marks) if marks else None

    def _snapshot(self, engine: Engine, source: Source, before: Landed) -> Landed:
        with incoming(engine, source, self.folder) as rows:
            checksum = digest([list(source.columns), engine.checksum(rows.table)])
            if before.parts and before.parts[-1].checksum == checksum:
                return before
            part = self._write(rows, checksum=checksum)
        kept = before.parts[:1] + before.parts[1:][-(self._keep_snapshots - 2) :]
        return Landed((*kept, part), None, None, self._absent(source), self._customer_key)

    def _write(self, rows: Incoming, since: str | None = None, checksum: str = "") -> Part:
        name = f"{uuid.uuid4().hex[:12]}.parquet"
        with whole(self.folder / name) as beside:
            rows.write(beside)
        return Part(name, sha256(self.folder / name), _now().isoformat(), since, None, checksum)

    def _compact(self, engine: Engine, state: Landed) -> Landed:
        """Make one of the newest parts: the old, large ones are written again only when as much has come."""
        sizes = [(self.folder / part.file).stat().st_size for part in state.parts]
        kept, joined = state.parts[: (n := worth_keeping(sizes))], state.parts[n:]
        rows = Incoming(engine, self._table(engine, replace(state, parts=joined)))
        return replace(state, parts=(*kept, self._write(rows, since=joined[0].since)))

    def _table(self, engine: Engine, state: Landed) -> ir.Table:
        return one_above_the_other([self._part(engine, part, state.cursor) for part in state.parts])

    def _part(self, engine: Engine, part: Part, cursor: str | None) -> ir.Table:
        table = engine.read_parquet(self.folder / part.file)
        if cursor is None:
            landed_at = dt.datetime.fromisoformat(part.landed_at).replace(tzinfo=None)
            return table.mutate(landed_at=ibis.literal(landed_at))
        return (
            table if part.until is None else table.filter(table[cursor] < literal(table, cursor, part.until))
        )

    def _absent(self, source: Source) -> tuple[str, ...]:
        return tuple(column.name for column in self._source.columns if column.name not in source.columns)

    def _say_absent(self, source: Source, before: Landed) -> None:
        absent = self._absent(source)
        if absent and absent != before.absent:
            logging.getLogger(__name__).info(
                "%s: the shop has no %s; what needs them is null.", self._source.name, ", ".join(absent)
            )

    def _sweep(self, state: Landed, at_once: bool) -> None:
        """Remove what a killed landing left half-written, and what no part has named for a day.

        `at_once`: what no part names has customers as they must not be stored any more.
        """
        for half in self.folder.glob(".*.*.*"):
            half.unlink(missing_ok=True)
        used = {part.file for part in state.parts}
        for path in self.folder.glob("[!.]*.parquet"):
            old = at_once or time.time() - path.stat().st_mtime > _UNUSED_SECONDS
            if path.name not in used and old:
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


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
