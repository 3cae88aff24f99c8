"""Texts cut into clauses: stretches that say one thing, and where they stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

_BREAK = re.compile(
    r"(?=[.!?;:,\s])"  # most places are none: asked first, once
    r"(?:[.!?;:]+(?=\s|$)|[\r\n]+|,?\s+(?=(?:but|however|although|though|yet|except)\b))",
    re.IGNORECASE,
)
_EDGES = " \t,-–—"


@dataclass(frozen=True)
class Clauses:
    """All clauses of some texts: the text's position, start and end in its characters, and the words."""

    row: np.ndarray
    start: np.ndarray
    end: np.ndarray
    text: pa.Array


def clauses_of(texts: Sequence[str]) -> Clauses:
    """Cut at ends of sentences and lines, at semicolons and colons, and before but, however, although,
    though, yet, except."""
    spans = [(row, start, end) for row, text in enumerate(texts) for start, end in _spans(text)]
    words = pa.array([texts[row][start:end] for row, start, end in spans], pa.string())
    row, start, end = np.array(spans, dtype=np.int64).reshape(-1, 3).T
    return Clauses(row, start, end, words)


def _spans(text: str) -> list[tuple[int, int]]:
    """Starts and ends of the stretches between breaks, without spaces at their edges; empty ones left out."""
    found, start = [], 0
    for gap in (*_BREAK.finditer(text), None):
        end = gap.start() if gap else len(text)
        piece = text[start:end]
        first = start + len(piece) - len(piece.lstrip(_EDGES))
        last = end - (len(piece) - len(piece.rstrip(_EDGES)))
        if first < last:
            found.append((first, last))
        start = gap.end() if gap else end
    return found
