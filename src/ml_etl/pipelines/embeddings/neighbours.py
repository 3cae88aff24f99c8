"""Each content's nearest other contents, by cosine: exactly, or by the index where there is one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ml_etl.absent import Absent
from ml_etl.pipelines.embeddings.params import EmbeddingsParams
from ml_etl.pipelines.embeddings.space import Space

DIGITS = 6
"""Cosines are compared to so many digits, so that rounding doesn't decide ties."""

_BLOCK = 1024
_SPARE = 20
"""So many more are taken than asked for, for ties at the last place."""


@dataclass(frozen=True)
class Neighbours:
    """Per content (row) its neighbours, nearest first: `contents` and `cosines` (contents × k).

    Ties of DIGITS digits go to the smaller number, which is the smaller id. Where there are fewer than k
    others, `contents` is −1.
    """

    contents: np.ndarray
    cosines: np.ndarray


def find_neighbours(space: Space | Absent, index: Any, params: EmbeddingsParams) -> Neighbours | Absent:
    """The `similar_top` nearest of every content of a space."""
    if isinstance(space, Absent):
        return space
    if isinstance(index, Absent):
        return exact(space.vectors, space.vectors, params.similar_top, np.arange(len(space)))
    return approximate(space, index, params.similar_top)


def exact(queries: np.ndarray, vectors: np.ndarray, top: int, itself: np.ndarray | None = None) -> Neighbours:
    """Every query (rows × dim) against every vector; `itself` is the vector of each query to leave out.

    Blocks of rows, so that memory is bounded by block × vectors.
    """
    parts = []
    for begin in range(0, len(queries), _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        cosines = queries[rows] @ vectors.T
        if itself is not None:
            cosines[np.arange(len(cosines)), itself[rows]] = -np.inf
        parts.append(_nearest(cosines, top))
    return _stacked(parts, top)


def approximate(space: Space, index: Any, top: int) -> Neighbours:
    """What the index finds, with exact cosines."""
    numbers = np.full(space.members.max() + 1, -1, np.int64)
    numbers[space.first] = np.arange(len(space))
    parts = []
    for begin in range(0, len(space), _BLOCK):
        rows = np.arange(begin, min(begin + _BLOCK, len(space)))
        matches = index.search(space.vectors[rows], min(top + _SPARE, len(space)))
        told = np.arange(matches.keys.shape[1]) < np.asarray(matches.counts)[:, None]
        found = numbers[np.where(told, matches.keys, space.first[0]).astype(np.int64)]
        cosines = np.einsum("rkd,rd->rk", space.vectors[found], space.vectors[rows])
        cosines[(found == rows[:, None]) | ~told] = -np.inf
        parts.append(_ranked(found, cosines, top))
    return _stacked(parts, top)


def _nearest(cosines: np.ndarray, top: int) -> tuple[np.ndarray, np.ndarray]:
    """The best of a block of rows against all vectors."""
    taken = min(top + _SPARE, cosines.shape[1])
    found = np.argpartition(-cosines, taken - 1, axis=1)[:, :taken]
    near = np.take_along_axis(cosines, found, 1)
    contents, best = _ranked(found, near, top)
    for row in np.flatnonzero(_cut_through_ties(near, best)):
        contents[row], best[row] = (part[0] for part in _whole_row(cosines[row], top))
    return contents, best


def _cut_through_ties(near: np.ndarray, best: np.ndarray) -> np.ndarray:
    """Rows whose last place is tied with the last one that was taken: others may be tied with it, too."""
    return np.round(near.min(axis=1), DIGITS) >= np.round(best[:, -1], DIGITS)


def _whole_row(cosines: np.ndarray, top: int) -> tuple[np.ndarray, np.ndarray]:
    return _ranked(np.arange(len(cosines))[None, :], cosines[None, :], top)


def _ranked(found: np.ndarray, cosines: np.ndarray, top: int) -> tuple[np.ndarray, np.ndarray]:
    """The `top` of each row by rounded cosine, then by number."""
    rounded = np.round(cosines, DIGITS)
    order = np.lexsort((found, -rounded), axis=1)[:, :top]
    contents, best = np.take_along_axis(found, order, 1), np.take_along_axis(rounded, order, 1)
    return np.where(np.isfinite(best), contents, -1), best


def _stacked(parts: list[tuple[np.ndarray, np.ndarray]], top: int) -> Neighbours:
    """One table of exactly `top` columns, −1 and NaN where there are no more contents."""
    contents, cosines = (np.vstack(part) for part in zip(*parts, strict=True))
    short = ((0, 0), (0, top - contents.shape[1]))
    contents = np.pad(contents, short, constant_values=-1).astype(np.int32)
    cosines = np.pad(np.where(np.isfinite(cosines), cosines, np.nan), short, constant_values=np.nan)
    return Neighbours(contents, cosines.astype(np.float32))
