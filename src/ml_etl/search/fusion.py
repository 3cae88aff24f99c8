"""Several rankings made one."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)

K = 60
"""Of Cormack, Clarke, Büttcher 2009, "Reciprocal rank fusion outperforms Condorcet": how little a first
place counts for more than a second."""


def reciprocal_rank_fusion(rankings: Sequence[Sequence[T]], k: int = K) -> list[tuple[T, float]]:
    """Items by Σ 1/(k + rank) over the rankings that have them, best first; ties by their order there."""
    scores: dict[T, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            scores[item] = scores.get(item, 0.0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])
