"""What a search finds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Hit:
    """One result. `score` is a cosine, or a sum of reciprocal ranks where several rankings were fused.

    `matched` are the query's words as the text has them; `more` what else is worth a column.
    """

    id: str
    score: float
    text: str
    matched: tuple[str, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """The results, best first, and from where: `source` names the release, `notes` what to know of it."""

    hits: Sequence[Hit]
    source: str
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
