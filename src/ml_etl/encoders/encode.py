"""Items to vectors: each distinct content once, what is known from the cache, the rest in chunks."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ml_etl.encoders.cache import VectorCache
from ml_etl.encoders.progress import Ticker
from ml_etl.errors import Damaged, StoreError
from ml_etl.vectors import Encoded, ModelCard

Failures = dict[int, str]


@dataclass(frozen=True)
class Contents:
    """What is asked: per item its value and the bytes that tell it from others (None: a problem)."""

    values: Sequence[Any]
    identity: Sequence[bytes | None]
    problems: Failures = field(default_factory=dict)
    effort: dict[str, float] = field(default_factory=dict)


class Model(Protocol):
    """A model that makes vectors, and how its items are read."""

    @property
    def card(self) -> ModelCard: ...

    @property
    def chunk(self) -> int:
        """How many contents are encoded before they are stored."""

    def contents(self, items: Sequence[Any]) -> Contents:
        """Read and judge the items."""

    def ready(self) -> None:
        """Load what `vectors` needs."""

    def weight(self, value: Any) -> int:
        """About how much work a value is; values of like weight are encoded together."""

    def vectors(self, values: Sequence[Any]) -> tuple[np.ndarray, Failures]:
        """A row per value, and why some have none."""


class CachedEncoder:
    """An Encoder: a model, and a cache before it."""

    def __init__(self, model: Model, cache: VectorCache):
        self._model = model
        self._cache = cache
        self._one_at_a_time = threading.Lock()

    @property
    def card(self) -> ModelCard:
        return self._model.card

    def encode(self, items: Sequence[Any]) -> Encoded:
        """Row i for item i; see ml_etl.vectors.Encoded.

        `effort` counts what was asked, how many contents are distinct, how many of them the cache had, how
        many were encoded, and the seconds of all and of loading the model; `per_second` is the rate of
        encoding alone.
        """
        with self._one_at_a_time:
            began = time.perf_counter()
            contents = self._model.contents(items)
            keys = [None if c is None else self._cache.key(c) for c in contents.identity]
            first = _first_positions(keys)
            known = self._cache.known(list(first))
            missing = {key: contents.values[position] for key, position in first.items() if key not in known}
            work = self._encode_missing(missing) if missing else _Work()
            vectors = self._spread(keys, work.failed)
        late = {position: work.failed[key] for position, key in enumerate(keys) if key in work.failed}
        counts = {"asked": len(items), "distinct": len(first), "cached": len(known)}
        seconds = time.perf_counter() - began
        return Encoded(
            vectors, contents.problems | late, counts | contents.effort | work.effort | {"seconds": seconds}
        )

    def _spread(self, keys: Sequence[bytes | None], failed: dict[bytes, str]) -> np.ndarray:
        """A row per item, read from the cache; zero where there is none to be."""
        distinct = [key for key in _first_positions(keys) if key not in failed]
        vectors, found = self._cache.read(distinct)
        if not found.all():
            raise StoreError("Vectors were pruned while they were being encoded. Run again.")
        self._cache.check_lengths(vectors)
        row = {key: index for index, key in enumerate(distinct)}
        rows = np.array([row.get(key, -1) if key else -1 for key in keys], np.int64)
        if np.array_equal(rows, np.arange(len(vectors))):
            return vectors
        if not distinct:
            return np.zeros((len(rows), self.card.dim), np.float32)
        spread = vectors[rows]
        spread[rows < 0] = 0
        return spread

    def _encode_missing(self, missing: dict[bytes, Any]) -> "_Work":
        """Encode and store, heaviest first, chunk by chunk."""
        began = time.perf_counter()
        self._model.ready()
        work = _Work(loading=time.perf_counter() - began)
        order = sorted(missing, key=lambda key: (-self._model.weight(missing[key]), key))
        began, progress = time.perf_counter(), Ticker(f"{self.card.kind}s")
        for start in range(0, len(order), self._model.chunk):
            chunk = order[start : start + self._model.chunk]
            there = self._cache.known(chunk) if start else set()  # another process may have been here
            if keys := [key for key in chunk if key not in there]:
                self._encode_chunk(keys, missing, work)
            progress(start + len(chunk), len(order))
        work.seconds = time.perf_counter() - began
        return work

    def _encode_chunk(self, keys: list[bytes], values: dict[bytes, Any], work: "_Work") -> None:
        vectors, failures = self._model.vectors([values[key] for key in keys])
        good = [i for i in range(len(keys)) if i not in failures]
        self._cache.put([keys[i] for i in good], unit(vectors[good], self.card))
        work.failed |= {keys[i]: reason for i, reason in failures.items()}
        work.encoded += len(good)


@dataclass
class _Work:
    """What encoding took, and the keys it gave no vector, with the reason."""

    failed: dict[bytes, str] = field(default_factory=dict)
    encoded: int = 0
    loading: float = 0.0
    seconds: float = 0.0

    @property
    def effort(self) -> dict[str, float]:
        rate = self.encoded / self.seconds if self.encoded else 0.0
        return {"encoded": self.encoded, "loading": self.loading, "per_second": rate}


def unit(vectors: np.ndarray, card: ModelCard) -> np.ndarray:
    """Rows of length 1, float32.

    Raises:
        Damaged: a row has no length, or is not finite: the model is broken.
    """
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    if not np.all(np.isfinite(lengths) & (lengths > 0)):
        raise Damaged(
            f"{card.model} gives vectors that are not finite, or zero ({card.precision}). Fetch the model "
            f"again, or set precision fp32."
        )
    return (vectors / lengths).astype(np.float32)


def _first_positions(keys: Sequence[bytes | None]) -> dict[bytes, int]:
    first: dict[bytes, int] = {}
    for position, key in enumerate(keys):
        if key is not None:
            first.setdefault(key, position)
    return first
