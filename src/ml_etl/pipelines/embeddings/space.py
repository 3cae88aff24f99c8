"""A space's distinct contents: what is indexed, and what neighbours are looked for among."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ml_etl.absent import Absent


@dataclass(frozen=True)
class Space:
    """The distinct contents of the merchandise of one space, in the order of their first articles' ids.

    `first` (contents) is the position of each content's first article among all articles, `members` the
    positions of all articles that have it, and `content_of` which content that is; `vectors` (contents × dim,
    float32, unit length).
    """

    first: np.ndarray
    members: np.ndarray
    content_of: np.ndarray
    vectors: np.ndarray

    def __len__(self) -> int:
        return len(self.first)


def distinct_contents(
    articles: pd.DataFrame, matrix: np.ndarray | Absent, facts: dict[str, Any]
) -> Space | Absent:
    """Articles of equal vectors are one content: a hundred colours of one text are no hundred neighbours.

    Texts that differ are one content, too, where the model sees no difference: in case, in blanks, in what
    lies beyond its window.
    """
    if isinstance(matrix, Absent):
        return matrix
    position = np.flatnonzero(facts["has_vector"])
    goods = articles["is_merchandise"].to_numpy(bool)[position]
    vectors, members = np.asarray(matrix)[goods], position[goods]
    if not len(members):
        return Absent("no merchandise has a vector")
    first, content_of = numbered(vectors)
    return Space(members[first], members, content_of, np.ascontiguousarray(vectors[first]))


def numbered(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of first occurrence, in order, and for each row the number of its content."""
    rows = np.ascontiguousarray(vectors).view(np.dtype((np.void, vectors.itemsize * vectors.shape[1])))
    codes, _ = pd.factorize(_digests(rows.ravel()))
    first = np.unique(codes, return_index=True)[1]
    return first, codes


def _digests(rows: np.ndarray) -> np.ndarray:
    """16 bytes for each row: sorting and comparing whole rows would take their every byte."""
    import hashlib

    return np.array(
        [hashlib.blake2b(row.tobytes(), digest_size=16).hexdigest() for row in rows], dtype=object
    )
