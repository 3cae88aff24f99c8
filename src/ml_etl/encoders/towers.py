"""The two towers of an image model as models that a cache can stand before."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from ml_etl.encoders import texts
from ml_etl.encoders.clip_model import Clip
from ml_etl.encoders.encode import Contents, Failures
from ml_etl.encoders.images import BadImage, ImageFile
from ml_etl.encoders.workers import cores, on_all_cores
from ml_etl.vectors import ModelCard

IMAGES_PER_BATCH = 16
TEXTS_PER_BATCH = 64


class _Seen(NamedTuple):
    """A file and the hash of what was in it when it was read."""

    file: ImageFile
    sha256: bytes


class ImageTower:
    """Image files to vectors."""

    chunk = 256

    def __init__(self, card: ModelCard, clip: Callable[[], Clip], threads: int | None):
        self.card = card
        self._clip = clip
        self._threads = threads

    def contents(self, items: Sequence[Any]) -> Contents:
        """Read and hash each file; what is no image by its header is a problem before any is decoded."""
        with ThreadPoolExecutor(cores(self._threads)) as pool:
            seen = list(pool.map(_seen, items))
        problems = {position: found for position, found in enumerate(seen) if isinstance(found, str)}
        return Contents(seen, [None if isinstance(s, str) else s.sha256 for s in seen], problems)

    def ready(self) -> None:
        self._clip()

    def weight(self, value: _Seen) -> int:
        return 1

    def vectors(self, values: Sequence[_Seen]) -> tuple[np.ndarray, Failures]:
        """float32 rows × dim; files that turn out to be damaged are failures."""
        clip, rows = self._clip(), np.zeros((len(values), self.card.dim), np.float32)

        def encode(batch: range) -> Failures:
            images = {row: _image(values[row]) for row in batch}
            failures = {row: image for row, image in images.items() if isinstance(image, str)}
            if good := [row for row in batch if row not in failures]:
                rows[good] = clip.of_images([images[row] for row in good])
            return failures

        batches = _batches(len(values), IMAGES_PER_BATCH)
        found = on_all_cores(encode, batches, clip.device, self._threads)
        return rows, {row: reason for failures in found for row, reason in failures.items()}


def _batches(rows: int, size: int) -> list[range]:
    return [range(start, min(start + size, rows)) for start in range(0, rows, size)]


def _seen(item: Any) -> _Seen | str:
    """The file with its hash, or why it is no image."""
    if not isinstance(item, ImageFile):
        return f"not an image file but {type(item).__name__}"
    try:
        content = item.read()
        item.check(content)
    except BadImage as reason:
        return str(reason)
    return _Seen(item, hashlib.sha256(content).digest())


def _image(seen: _Seen) -> Any:
    """The decoded image, or why there is none."""
    try:
        content = seen.file.read()
        if hashlib.sha256(content).digest() != seen.sha256:
            return "changed while it was read"
        return seen.file.pixels(content)
    except BadImage as reason:
        return str(reason)


class TextTower:
    """Texts that ask for images to vectors in the images' space."""

    chunk = 1024

    def __init__(self, card: ModelCard, clip: Callable[[], Clip], window: int, threads: int | None):
        self.card = card
        self._clip = clip
        self._window = window
        self._threads = threads

    def contents(self, items: Sequence[Any]) -> Contents:
        return texts.contents_of(items, self._window)

    def ready(self) -> None:
        self._clip()

    def weight(self, value: str) -> int:
        return len(value)

    def vectors(self, values: Sequence[str]) -> tuple[np.ndarray, Failures]:
        """float32 rows × dim."""
        clip, batches = self._clip(), _batches(len(values), TEXTS_PER_BATCH)
        found = on_all_cores(
            lambda batch: clip.of_texts([values[row] for row in batch]), batches, clip.device, self._threads
        )
        return np.concatenate(found), {}
