"""Artefacts written in parts: a version has new files for some parts, and earlier versions' for the rest."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ml_etl.absent import Absent
from ml_etl.ahead import ahead, left_to_others
from ml_etl.engine import engine_of, faults
from ml_etl.errors import UsageError
from ml_etl.files import sha256, sync_all, whole
from ml_etl.parts import NewParts, StoredParts
from ml_etl.processes import processors
from ml_etl.store import carried
from ml_etl.store.artefact import TablePreview, _shown
from ml_etl.store.carrying import CarryingArtefact
from ml_etl.store.manifest import File

_NONE = "none"
"""The part of a table that has no other, so that it can be read."""

_GROUP_ROWS = 122_880

_WRITERS = 4
"""Each holds the rows of a part, of at most a row group, beside the engine's memory."""


class PartedArtefact(CarryingArtefact):
    """A table in parts: takes `NewParts`, gives `StoredParts`, whose files may be of several versions."""

    def save(self, data: NewParts) -> None:
        with faults(f"{self.dataset} ({self.name})", writes=True):
            self._clear()
            base = carried.files_of(self.folder, data.base, self.name)
            kept = [file for file in base if _is_kept(part_of(file.path), data.names)]
            names = self._write(data)
            if not names and not kept:
                names = self._write_none(data)
            written = [self._written(f"{self.name}/{name}.parquet") for name in names]
            schema = pq.read_schema(
                self.folder.path / kept[0].path if kept else self._staged / written[0].path
            )
            self._keep(written, kept, {field.name: str(field.type) for field in schema})

    def _written(self, name: str) -> File:
        path = self._staged / name
        return File(name, path.stat().st_size, sha256(path), pq.read_metadata(path).num_rows)

    def _exists(self) -> bool:
        try:
            return bool(self.load())
        except UsageError:
            return False

    def of_version(self, version: str) -> StoredParts | Absent:
        found = super().of_version(version)
        if not isinstance(found, Absent):
            found.parameters = self.folder.manifest(version).parameters
        return found

    def _stored(self, paths: Sequence[Path]) -> StoredParts:
        engine = engine_of(self._engine, self._layout)
        return StoredParts({part_of(path): path for path in paths}, lambda some: engine.read_parquet(*some))

    def _write(self, data: NewParts) -> list[str]:
        """Write each part that comes, in order; give their names. They are synced together, in the end.

        Small parts are many, and left to other threads; a large one is written as its rows come.
        """
        folder, names = self._staged / self.name, []
        with left_to_others(min(processors(), _WRITERS)) as leave:
            for name, batches in self._parts(data):
                if data.names is None or name in data.names:
                    names.append(name)
                    path, first = folder / f"{name}.parquet", _group(batches)
                    if sum(batch.num_rows for batch in first) < _GROUP_ROWS:
                        leave(_write_file, path, first)
                    else:
                        _write_file(path, itertools.chain(first, batches))
        sync_all(folder / f"{name}.parquet" for name in names)
        return names

    def _parts(self, data: NewParts) -> Iterator[tuple[str, Iterator[pa.RecordBatch]]]:
        """The parts' names and rows, as they come; a part's rows are gone when the next is asked for."""
        engine = engine_of(self._engine, self._layout)
        for table in _tables(data):
            rows = ahead(engine.batches(table, [data.part, *self._sort_by]))
            for name, batches in itertools.groupby(_by_part(rows, data.part), key=lambda pair: pair[0]):
                yield name, (batch for _, batch in batches)

    def _write_none(self, data: NewParts) -> list[str]:
        engine = engine_of(self._engine, self._layout)
        empty = engine.collect(_tables(data)[0].drop(data.part).limit(0))
        with whole(self._staged / self.name / f"{_NONE}.parquet") as beside:
            pq.write_table(empty, beside)
        return [_NONE]

    def preview(self, nrows: int = 20) -> TablePreview:
        """The newest part's first rows."""
        if not self._exists():
            return TablePreview({})
        parts = self.load()
        rows = (
            engine_of(self._engine, self._layout).collect(parts.of(parts.names[-1:]).limit(nrows)).to_pylist()
        )
        return TablePreview(
            {
                "columns": list(rows[0]) if rows else [],
                "data": [[_shown(value) for value in row.values()] for row in rows],
                "index": list(range(len(rows))),
            }
        )


def _tables(data: NewParts) -> list[ir.Table]:
    return [data.table] if isinstance(data.table, ir.Table) else list(data.table)


def part_of(path: str | Path) -> str:
    return PurePosixPath(path).stem


def _is_kept(part: str, written_anew: tuple[str, ...] | None) -> bool:
    return written_anew is not None and part not in (*written_anew, _NONE)


def _by_part(rows: Iterable[pa.RecordBatch], column: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches cut where the part changes; they are sorted by it."""
    for batch in rows:
        values = batch.column(column)
        others = batch.drop_columns([column])
        for start, stop in _runs(values):
            yield str(values[start]), others.slice(start, stop - start)


def _runs(values: pa.Array) -> Iterator[tuple[int, int]]:
    encoded = pc.run_end_encode(values)
    stops = encoded.run_ends.to_pylist()
    return zip([0, *stops[:-1]], stops, strict=True) if stops else iter(())


def _write_file(path: Path, batches: Iterable[pa.RecordBatch]) -> None:
    """One Parquet file of these batches, whole, in row groups of a size that readers can skip."""
    coming = iter(batches)
    group = _group(coming)
    with (
        whole(path, synced=False) as beside,
        pq.ParquetWriter(beside, group[0].schema, compression="zstd") as writer,
    ):
        while group:
            writer.write_table(pa.Table.from_batches(group))
            group = _group(coming)


def _group(batches: Iterator[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """The next batches, as many as make a row group; none in the end."""
    group, rows = [], 0
    for batch in batches:
        group.append(batch)
        rows += batch.num_rows
        if rows >= _GROUP_ROWS:
            break
    return group
