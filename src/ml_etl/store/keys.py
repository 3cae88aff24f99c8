"""An index of every text ever seen (event ids): exact, added to by batches, looked up without reading it.

A segment is a .npy file of two rows of uint64: 64 bits of each text's MD5, ascending, and the day its row
was written to, since 1970. A lookup is a binary search in each segment, mapped into memory: it gives the
days that may hold a text and never misses one; the rows there say whether they do. Segments of like size are
merged, so that they stay few, and large ones are left alone, so that a batch never writes much.
"""

import datetime as dt
import math
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from ml_etl.ahead import ahead
from ml_etl.engine import engine_of, faults
from ml_etl.files import sha256, whole
from ml_etl.parts import NewKeys
from ml_etl.store import carried
from ml_etl.store.artefact import TablePreview
from ml_etl.store.carrying import CarryingArtefact
from ml_etl.store.manifest import File

_EPOCH = dt.date(1970, 1, 1)
_LIKE_SIZE = 4
"""Segments whose sizes lie within this factor are merged once there are as many of them."""
_LARGE = 1_000_000
"""Segments of so many keys (16 MB) are merged no more."""

Segment = np.ndarray


@dataclass(frozen=True)
class KeyIndex:
    """The segments of a version."""

    segments: tuple[Path, ...]

    def days(self, keys: np.ndarray) -> list[str]:
        """The days that may hold rows of these texts (uint64 keys), as ISO text."""
        found = [_days_in(_read(path), keys) for path in self.segments]
        numbers = np.unique(np.concatenate(found)) if found else np.empty(0)
        return [str(_EPOCH + dt.timedelta(days=int(number))) for number in numbers]


class KeyIndexArtefact(CarryingArtefact):
    """Takes `NewKeys`; gives, of a version, a `KeyIndex` whose segments may be of several versions."""

    def save(self, data: NewKeys) -> None:
        engine = engine_of(self._engine, self._layout)
        with faults(f"{self.dataset} ({self.name})", writes=True):
            shutil.rmtree(self._staged / self.name, ignore_errors=True)
            kept = carried.files_of(self.folder, data.base, self.name)
            written: list[File] = []
            small: list[Segment] = []
            for segment in _segments(ahead(engine.keys(data.table, "key"))):
                self._set_aside(segment, small, written)
            while alike := _alike([*kept, *small]):
                kept = [file for file in kept if not _among(file, alike)]
                small = [segment for segment in small if not _among(segment, alike)]
                self._set_aside(_one([self._content(one) for one in alike]), small, written)
            written += [self._write(segment) for segment in small]
            self._keep(written, kept, {"segments": str(len(kept) + len(written))})

    def _stored(self, paths: Sequence[Path]) -> KeyIndex:
        return KeyIndex(tuple(paths))

    def _set_aside(self, segment: Segment, small: list[Segment], written: list[File]) -> None:
        """A large segment is written at once, which bounds the memory; a small one may be merged first."""
        if segment.shape[1] >= _LARGE:
            written.append(self._write(segment))
        else:
            small.append(segment)

    def _write(self, segment: Segment) -> File:
        """A file named by its content."""
        place = self._staged / self.name / "segment.npy"
        with whole(place) as beside, beside.open("wb") as stream:
            np.save(stream, segment, allow_pickle=False)
        content = sha256(place)
        name = f"{self.name}/{content[:16]}.npy"
        place.rename(self._staged / name)
        return File(name, (self._staged / name).stat().st_size, content, segment.shape[1])

    def _content(self, segment: File | Segment) -> Segment:
        return _read(self.folder.path / segment.path) if isinstance(segment, File) else segment

    def preview(self, nrows: int = 20) -> TablePreview:
        """Nothing a person can read."""
        return TablePreview({})


def _segments(batches: Iterable[pa.RecordBatch]) -> Iterator[Segment]:
    """The keys that come, sorted, in segments of bounded size."""
    waiting: list[Segment] = []
    for batch in batches:
        days = batch.column("part").cast(pa.int32()).to_numpy()
        waiting.append(np.stack([batch.column("key").to_numpy(), days.astype(np.uint64)]))
        if sum(part.shape[1] for part in waiting) >= _LARGE:
            yield _one(waiting)
            waiting = []
    if any(part.shape[1] for part in waiting):
        yield _one(waiting)


def _one(segments: list[Segment]) -> Segment:
    joined = np.concatenate(segments, axis=1)
    return joined[:, np.argsort(joined[0], kind="stable")]


def _alike(segments: list[File | Segment]) -> list[File | Segment]:
    """Segments of one size class that are enough to be merged; none if there are no such."""
    classes: dict[int, list[File | Segment]] = {}
    for segment in segments:
        if _size(segment) < _LARGE:
            classes.setdefault(int(math.log(max(_size(segment), 1), _LIKE_SIZE)), []).append(segment)
    return next((alike for alike in classes.values() if len(alike) >= _LIKE_SIZE), [])


def _size(segment: File | Segment) -> int:
    return segment.rows or 0 if isinstance(segment, File) else segment.shape[1]


def _among(segment: File | Segment, others: list[File | Segment]) -> bool:
    return any(segment is other for other in others)


def _read(path: Path) -> Segment:
    return np.load(path, mmap_mode="r", allow_pickle=False)


def _days_in(segment: Segment, keys: np.ndarray) -> np.ndarray:
    first = np.searchsorted(segment[0], keys, side="left")
    last = np.searchsorted(segment[0], keys, side="right")
    found = [segment[1][low:high] for low, high in zip(first, last, strict=True) if high > low]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.uint64)
