"""Harder questions to the encoders: without the words that give the answer away, and across spaces."""

from typing import Any

import numpy as np
import pandas as pd

from ml_etl.absent import Absent
from ml_etl.pipelines.embeddings.neighbours import exact
from ml_etl.pipelines.embeddings.params import EmbeddingsParams
from ml_etl.pipelines.embeddings.quality import sample
from ml_etl.pipelines.embeddings.space import Space
from ml_etl.vectors import Encoder


def honest_purity(
    articles: pd.DataFrame, space: Space | Absent, encoder: Encoder, params: EmbeddingsParams
) -> dict[str, Any]:
    """Purity by product type when the text doesn't name the type and siblings of a product don't count.

    Among a sample of contents: the share of the k nearest of the same type, and what it is by chance.
    """
    if isinstance(space, Absent):
        return {}
    chosen = articles.iloc[space.first[sample(len(space), params.quality)]]
    chosen = chosen[chosen["product_type_name"].notna()].reset_index(drop=True)
    masked = [_without(t, kind) for t, kind in zip(chosen["text"], chosen["product_type_name"], strict=True)]
    told = np.array([bool(text.strip(" .")) for text in masked])
    if told.sum() < 2:
        return {}
    chosen = chosen[told].reset_index(drop=True)
    vectors = encoder.encode([text for text in masked if text.strip(" .")]).vectors
    return _purities(vectors, chosen, params.quality.neighbours)


def _without(text: str, kind: str) -> str:
    """The text without the type's name, whatever its case."""
    import re

    return re.sub(re.escape(kind), " ", text, flags=re.IGNORECASE)


def _purities(vectors: np.ndarray, articles: pd.DataFrame, k: int) -> dict[str, Any]:
    kinds = pd.factorize(articles["product_type_name"])[0]
    products = pd.factorize(articles["product_code"])[0]
    near = exact(vectors, vectors, min(3 * k, len(vectors)), np.arange(len(vectors))).contents
    sibling = (products[near] == products[:, None]) & (products[:, None] >= 0)
    counts = (near >= 0) & ~sibling
    counts &= np.cumsum(counts, axis=1) <= k
    same = kinds[near] == kinds[:, None]
    shares = np.bincount(kinds) / len(kinds)
    return {
        f"honest_purity_at_{k}": round(float(same[counts].mean()), 6) if counts.any() else None,
        "honest_purity_by_chance": round(float((shares**2).sum()), 6),
        "honest_sample": len(kinds),
    }


def text_to_image_recall(
    articles: pd.DataFrame,
    image: np.ndarray | Absent,
    image_facts: dict[str, Any],
    encoder: Any,
    params: EmbeddingsParams,
) -> dict[str, Any]:
    """The share of a sample of articles whose own image is among the k nearest to their text."""
    if isinstance(image, Absent) or isinstance(encoder, Absent):
        return {}
    position = np.flatnonzero(image_facts["has_vector"])
    told = np.flatnonzero(articles["text"].to_numpy()[position] != "")
    if not len(told):
        return {}
    rows = told[sample(len(told), params.quality)]
    queries = encoder.encode_text(articles["text"].iloc[position[rows]].tolist()).vectors
    images, k = np.ascontiguousarray(np.asarray(image)[rows]), params.quality.neighbours
    found = exact(queries, images, min(k, len(rows))).contents
    hit = (found == np.arange(len(rows))[:, None]).any(axis=1)
    return {f"text_to_image_recall_at_{k}": round(float(hit.mean()), 6), "text_to_image_sample": len(rows)}
