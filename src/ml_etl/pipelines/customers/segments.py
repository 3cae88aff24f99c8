"""Segments: who is in which, what the segments are like, and where their centroids lie."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ml_etl.absent import Absent
from ml_etl.pipelines.customers.clustering import assign, cluster
from ml_etl.pipelines.customers.matching import segment_ids
from ml_etl.pipelines.customers.params import CustomersParams
from ml_etl.pipelines.customers.scaling import FEATURES, Scale


def segments(
    buyers: pd.DataFrame, previous: dict[str, Any] | Absent, params: CustomersParams
) -> tuple[pa.Table, pa.Table, dict[str, Any]]:
    """Who is in which segment, a profile per segment, and the centroids with how k was chosen.

    `buyers` has customer_id and FEATURES as float64, null as NaN; `previous` is the centroids of the
    previous version. Segment ids follow it.
    """
    scale = Scale.of(buyers)
    points = scale.points(buyers)
    found = cluster(points, params.segments)
    rows = assign(points, found.centroids)
    ids, next_id, match = segment_ids(found.centroids, scale, previous)
    mine = np.array(ids, dtype=np.int64)[rows] if len(rows) else np.empty(0, dtype=np.int64)
    distance = np.sqrt(((points - found.centroids[rows]) ** 2).sum(axis=1)) if len(rows) else np.empty(0)
    members = pa.table(
        {
            "customer_id": pa.array(buyers["customer_id"], pa.string()),
            "segment": mine,
            "centroid_distance": np.round(distance, 9),
        }
    )
    described = {
        "features": list(scale.features),
        "left_out": [name for name in FEATURES if name not in scale.features],
        "k": len(ids),
        "fallback": found.fallback,
        "tried": found.tried,
        "sample_customers": found.sample,
        "match": match,
        "next_id": next_id,
        "segments": _centroids(ids, found.centroids, scale),
    }
    return members, profiles(buyers, mine, points, scale), described


def _centroids(ids: list[int], centroids: np.ndarray, scale: Scale) -> list[dict[str, Any]]:
    """Centroids in the units of the space (log1p where features are logged), by id."""
    units = np.round(centroids * scale.std + scale.mean, 9)
    rows = [
        {"segment": id_, "centroid": dict(zip(scale.features, map(float, row), strict=True))}
        for id_, row in zip(ids, units, strict=True)
    ]
    return sorted(rows, key=lambda row: row["segment"])


def profiles(buyers: pd.DataFrame, segment: np.ndarray, points: np.ndarray, scale: Scale) -> pa.Table:
    """One row per segment: its size, its money; per feature mean, median, and mean in standard deviations."""
    ids = np.unique(segment)
    inside = [segment == id_ for id_ in ids]
    spent = buyers["monetary"].to_numpy(float)
    total = spent.sum()
    columns: dict[str, Any] = {
        "segment": pa.array(ids, pa.int64()),
        "customer_count": pa.array([int(who.sum()) for who in inside], pa.int64()),
        "customer_share": _numbers([who.mean() for who in inside]),
        "spent_share": _numbers([spent[who].sum() / total if total else np.nan for who in inside]),
    }
    for name in FEATURES:
        values = buyers[name].to_numpy(float)
        columns[f"{name}_mean"] = _numbers([_over(np.mean, values[who]) for who in inside])
        columns[f"{name}_median"] = _numbers([_over(np.median, values[who]) for who in inside])
        at = scale.features.index(name) if name in scale.features else None
        columns[f"{name}_z"] = _numbers([np.nan if at is None else points[who, at].mean() for who in inside])
    return pa.table(columns)


def _over(measure: Any, values: np.ndarray) -> float:
    """The measure of what is known; NaN where nothing is."""
    known = values[np.isfinite(values)]
    return float(measure(known)) if len(known) else np.nan


def _numbers(values: list[float]) -> pa.Array:
    """To nine digits; NaN is null."""
    return pa.array([round(float(value), 9) for value in values], pa.float64(), from_pandas=True)
