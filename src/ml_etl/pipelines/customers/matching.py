"""Segment ids that stay: new centroids take the ids of the previous version's nearest ones."""

from typing import Any

import numpy as np

from ml_etl.absent import Absent
from ml_etl.pipelines.customers.scaling import Scale


def segment_ids(
    centroids: np.ndarray, scale: Scale, previous: dict[str, Any] | Absent
) -> tuple[list[int], int, dict[str, Any]]:
    """Per centroid its id; the next id that was never used; and how it was matched.

    The least sum of distances decides (Hungarian method), in today's standardised space over the features
    both versions have. Centroids beyond the previous number get ids that were never used before. Without
    a previous version ids count from 1 by falling monetary.
    """
    former = {} if isinstance(previous, Absent) else previous
    shared = [name for name in scale.features if name in former.get("features", ())]
    if not former.get("segments") or not shared:
        why = (
            previous.reason
            if isinstance(previous, Absent)
            else "the previous version has no comparable segments"
        )
        first = int(former.get("next_id", 1))
        order = _by_monetary(centroids, scale)
        return [first + place for place in order], first + len(order), {"from": why, "distances": {}}
    was = np.array([[row["centroid"][name] for name in shared] for row in former["segments"]])
    columns = [scale.features.index(name) for name in shared]
    standardised = (was - scale.mean[columns]) / scale.std[columns]
    distances = np.sqrt(((centroids[:, None, columns] - standardised[None]) ** 2).sum(axis=2))
    return _matched(distances, [row["segment"] for row in former["segments"]], int(former["next_id"]))


def _matched(distances: np.ndarray, former: list[int], next_id: int) -> tuple[list[int], int, dict[str, Any]]:
    from scipy.optimize import linear_sum_assignment

    mine, theirs = linear_sum_assignment(distances)
    found = dict(zip(mine.tolist(), theirs.tolist(), strict=True))
    ids = []
    for row in range(len(distances)):
        ids.append(former[found[row]] if row in found else next_id)
        next_id += row not in found
    moved = {str(former[theirs]): round(float(distances[mine, theirs]), 6) for mine, theirs in found.items()}
    return ids, next_id, {"from": "the previous version", "distances": moved}


def _by_monetary(centroids: np.ndarray, scale: Scale) -> list[int]:
    """Each centroid's place by falling monetary value, else by its first feature; ties by row."""
    if not centroids.size:
        return [*range(len(centroids))]
    column = scale.features.index("monetary") if "monetary" in scale.features else 0
    order = np.argsort(-centroids[:, column], kind="stable")
    return np.argsort(order, kind="stable").tolist()
