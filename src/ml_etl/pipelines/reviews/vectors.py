"""Meaning: one sentence vector per review, and the index that finds near ones."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ml_etl.pipelines.reviews.params import ReviewsParams, SearchParams
from ml_etl.processes import processors
from ml_etl.vectors import Encoded, Encoder


def encode(
    texts: pd.DataFrame, encoder: Encoder, params: ReviewsParams
) -> tuple[np.ndarray, Any, pa.Table, dict[str, Any], dict[str, float]]:
    """Vectors (float32, row i of the main table), their index, has_vector per review, the card, the effort.

    An empty text has a row of zeros and is in no index. The index holds each distinct text once, under the
    row of its first review.
    """
    written = texts["sentiment_text"].tolist()
    encoded = encoder.encode(written) if written else Encoded(np.zeros((0, encoder.card.dim), np.float32))
    vectors = np.ascontiguousarray(encoded.vectors, dtype=np.float32)
    there = np.any(vectors != 0, axis=1)
    rows = first_rows(written, there)
    flags = pa.table(
        {"review_id": pa.array(texts["review_id"].tolist(), pa.string()), "has_vector": pa.array(there)}
    )
    card = _card(encoder, len(rows), encoded.problems, params.search)
    return vectors, shards_of(vectors, rows, params.search), flags, card, encoded.effort


def first_rows(texts: list[str], there: np.ndarray) -> np.ndarray:
    """int64: the row of the first of equal texts, for the texts that have a vector."""
    codes = pd.factorize(np.asarray(texts, dtype=object))[0] if texts else np.zeros(0, np.int64)
    first = np.unique(codes, return_index=True)[1]
    return np.sort(first[there[first]])


def shards_of(vectors: np.ndarray, rows: np.ndarray, params: SearchParams) -> list[Any]:
    """Indexes of these rows, each of at most `index_shard` of them, built side by side.

    Their number depends on the rows alone, so that every machine makes equal ones.
    """
    shards, scale = np.array_split(rows, _shards(len(rows), params)), _scale(vectors)
    with ThreadPoolExecutor(processors()) as pool:
        return list(pool.map(lambda some: index_of(vectors, some, scale, params), shards))


def _scale(vectors: np.ndarray) -> float:
    """What the numbers are multiplied by to be 127 at most."""
    return float(127 / (max(vectors.max(initial=0), -vectors.min(initial=0)) or 1))


def _shards(vectors: int, params: SearchParams) -> int:
    return max(-(-vectors // params.index_shard), 1)


def index_of(vectors: np.ndarray, rows: np.ndarray, scale: float, params: SearchParams) -> Any:
    """A usearch index (HNSW over inner products) of these rows; built on one thread, since the graph depends
    on the order in which vectors come.

    It holds them times `scale`, as whole numbers of eight bits: half the space of float16, and sums that are
    equal on every processor. What it finds is to be ranked by the vectors themselves.
    """
    from usearch.index import Index

    index = Index(
        ndim=vectors.shape[1],
        metric="ip",
        dtype="i8",
        connectivity=params.index_connectivity,
        expansion_add=params.index_expansion,
    )
    if len(rows):
        index.add(rows, np.rint(vectors[rows] * scale).astype(np.int8), threads=1)
    return index


def _card(encoder: Encoder, indexed: int, problems: dict[int, str], params: SearchParams) -> dict[str, Any]:
    """What made the vectors, how many texts of which problem have none, and how the index is searched."""
    reasons = list(problems.values())
    return {
        "model": asdict(encoder.card),
        "rows": "row i is the i-th review of the main table, which is sorted by review_id",
        "without_vector": {reason: reasons.count(reason) for reason in sorted(set(reasons))},
        "index": {
            "distinct_texts": indexed,
            "keys": "row of the first review with that text",
            "metric": "inner product of vectors in eight bits, no cosine: ask for twice as many as are "
            "wanted, and rank them by their vectors",
            "connectivity": params.index_connectivity,
            "expansion": params.index_expansion,
            "shards": _shards(indexed, params),
            "search_exactly": indexed < params.exact_below_vectors,
        },
    }
