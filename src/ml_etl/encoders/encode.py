"""Items to vectors: each distinct content once, what is known from the cache, the rest in chunks."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ml_etl.encoders.cache import VectorCache, key_of
from ml_etl.encoders.progress import Ticker
from ml_etl.errors import Damaged
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

    def weight(self, value: Any) -> int:
        """About how much work a value is; values of like weight are encoded together."""

    def vectors(self, values: Sequence[Any]) -> tuple[np.ndarray, Failures]:
        """A row per value, and why some have none."""


class CachedEncoder:
    """An Encoder: a model, and a cache before it."""

    def __init__(self, model: Model, cache: VectorCache):
        self._model = model
        self._cache = cache

    @property
    def card(self) -> ModelCard:
        return self._model.card

    def encode(self, items: Sequence[Any]) -> Encoded:
        """Row i for item i; see ml_etl.vectors.Encoded.

        `effort` counts what was asked, how many contents are distinct, how many of them the cache had, how
        many were encoded, and the seconds; `per_second` is the rate of those encoded.
        """
        began = time.perf_counter()
        contents = self._model.contents(items)
        keys = [None if c is None else key_of(self._cache.space, c) for c in contents.identity]
        first = _first_positions(keys)
        distinct = list(first)
        known = self._cache.known(distinct)
        missing = {key: contents.values[position] for key, position in first.items() if key not in known}
        encoding = time.perf_counter()
        failed = self._encode_missing(missing)
        seconds = time.perf_counter() - encoding
        vectors, _ = self._cache.read(distinct)
        rows = _rows(keys, distinct)
        problems = contents.problems | {i: failed[key] for i, key in enumerate(keys) if key in failed}
        effort = {
            "asked": len(items),
            "distinct": len(distinct),
            "cached": len(known),
            "encoded": len(missing) - len(failed),
            "seconds": time.perf_counter() - began,
            "per_second": (len(missing) - len(failed)) / seconds if missing else 0.0,
        }
        return Encoded(_spread(vectors, rows), problems, effort | contents.effort)

    def _encode_missing(self, missing: dict[bytes, Any]) -> dict[bytes, str]:
        """Encode and store, heaviest first, chunk by chunk; gives the reasons of those that failed."""
        order = sorted(missing, key=lambda key: (-self._model.weight(missing[key]), key))
        failed: dict[bytes, str] = {}
        progress = Ticker(f"{self.card.kind}s")
        for start in range(0, len(order), self._model.chunk):
            chunk = order[start : start + self._model.chunk]
            there = self._cache.known(chunk) if start else set()  # another process may have been here
            failed |= self._encode_chunk([key for key in chunk if key not in there], missing)
            progress(start + len(chunk), len(order))
        return failed

    def _encode_chunk(self, keys: list[bytes], values: dict[bytes, Any]) -> dict[bytes, str]:
        vectors, failures = self._model.vectors([values[key] for key in keys])
        good = [i for i in range(len(keys)) if i not in failures]
        self._cache.put([keys[i] for i in good], unit(vectors[good], self.card))
        return {keys[i]: reason for i, reason in failures.items()}


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


def _rows(keys: Sequence[bytes | None], distinct: list[bytes]) -> np.ndarray:
    """Per item its row among the distinct ones; -1 for a problem."""
    row = {key: index for index, key in enumerate(distinct)}
    return np.array([-1 if key is None else row[key] for key in keys], np.int64)


def _spread(vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """A row per item from the distinct ones; zero for problems."""
    spread = np.zeros((len(rows), vectors.shape[1]), np.float32)
    good = rows >= 0
    spread[good] = vectors[rows[good]]
    return spread
