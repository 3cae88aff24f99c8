"""How many segments there are, and where: k-means, k by stability and silhouette.

Each k is tried on one thread with fixed seeds, so that equal customers give equal bytes; several at once.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml_etl.pipelines.customers.params import SegmentParams
from ml_etl.processes import processors

_TRIES = 4
"""Starts of each k-means; the best one is taken."""
_AT_ONCE = 4
"""How many k may be tried at a time: a silhouette of 5,000 buyers takes 200 MB."""


@dataclass(frozen=True)
class Clusters:
    """Centroids (k × features) and how k was chosen; `fallback` says why there is only one."""

    centroids: np.ndarray
    tried: list[dict[str, Any]]
    sample: int
    fallback: str = ""


def cluster(points: np.ndarray, params: SegmentParams) -> Clusters:
    """Centroids of the buyers' points (float64, buyers × features), fitted on a bounded sample."""
    distinct = len(np.unique(points, axis=0))
    most = min(params.largest_k, len(points) // params.min_buyers_per_segment, distinct)
    if most < params.smallest_k:
        needed = params.smallest_k * params.min_buyers_per_segment
        return _one(points, f"{len(points)} buyers ({distinct} distinct); {needed} are needed for a choice")
    import sklearn.cluster  # noqa: F401  its threads can only be limited once it is there
    from threadpoolctl import threadpool_limits

    chance = np.random.default_rng(params.seed)
    sample = _sample(points, params.sample_customers, chance)
    judged = _sample(sample, params.silhouette_customers, chance)
    ks = range(params.smallest_k, most + 1)
    # The outer limit holds for libraries that have one for the process, the inner one for those that have one
    # for each thread.
    with (
        threadpool_limits(1),
        ThreadPoolExecutor(min(processors(), _AT_ONCE), initializer=threadpool_limits, initargs=(1,)) as pool,
    ):
        models = dict(zip(ks, pool.map(lambda k: _fit(sample, k, params.seed), ks), strict=True))
        tried = list(pool.map(lambda model: _judge(model, sample, judged, params), models.values()))
    best = max(row["stability"] for row in tried)
    stable = [row for row in tried if row["stability"] >= best - params.stability_tolerance]
    chosen = max(stable, key=lambda row: (row["silhouette"], -row["k"]))["k"]
    return Clusters(models[chosen].cluster_centers_, tried, len(sample))


def assign(points: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """int64 per point: the nearest centroid's row; of equally near ones the first."""
    nearest = np.zeros(len(points), dtype=np.int64)
    least = np.full(len(points), np.inf)
    for row, centroid in enumerate(centroids):
        distance = ((points - centroid) ** 2).sum(axis=1)
        nearer = distance < least
        nearest[nearer], least[nearer] = row, distance[nearer]
    return nearest


def _one(points: np.ndarray, reason: str) -> Clusters:
    """Everyone in one segment."""
    centre = points.mean(axis=0, keepdims=True) if len(points) else np.zeros((0, points.shape[1]))
    return Clusters(centre, [], len(points), reason)


def _sample(points: np.ndarray, most: int, chance: np.random.Generator) -> np.ndarray:
    if len(points) <= most:
        return points
    return points[np.sort(chance.choice(len(points), most, replace=False))]


def _fit(points: np.ndarray, k: int, seed: int) -> Any:
    from sklearn.cluster import KMeans

    return KMeans(k, n_init=_TRIES, random_state=seed).fit(points)


def _judge(model: Any, sample: np.ndarray, judged: np.ndarray, params: SegmentParams) -> dict[str, Any]:
    """`stability`: mean adjusted Rand index of the sample's clusters and those of its resamples."""
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    k = model.n_clusters
    chance = np.random.default_rng([params.seed, k])
    agreement = [
        adjusted_rand_score(
            model.labels_, _fit(_resample(sample, chance), k, params.seed + draw).predict(sample)
        )
        for draw in range(params.bootstraps)
    ]
    labels = model.predict(judged)
    spread = len(np.unique(labels))
    silhouette = silhouette_score(judged, labels) if 1 < spread < len(judged) else 0.0
    return {
        "k": k,
        "stability": round(float(np.mean(agreement)), 6),
        "silhouette": round(float(silhouette), 6),
    }


def _resample(points: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    return points[chance.integers(0, len(points), len(points))]
