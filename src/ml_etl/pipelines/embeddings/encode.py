"""From texts and images to matrices of unit vectors, each row an article's, in the order of the ids."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ml_etl.absent import Absent
from ml_etl.errors import ContractError
from ml_etl.pipelines.embeddings.articles import nothing
from ml_etl.pipelines.embeddings.params import EmbeddingsParams, FusedParams
from ml_etl.vectors import Encoded, Encoder

_LISTED = 20
"""How many problems an error names."""


def embed_texts(articles: pd.DataFrame, encoder: Encoder) -> tuple[np.ndarray, dict[str, Any]]:
    """The matrix (articles with a text × dim, float32), and its facts; who has no text has no row."""
    encoded = encoder.encode(articles["text"].tolist())
    return _matrix(encoded, encoder, range(len(articles)), len(articles))


def embed_images(
    articles: pd.DataFrame, encoder: Encoder | Absent, params: EmbeddingsParams
) -> tuple[np.ndarray | Absent, dict[str, Any]]:
    """The matrix (articles with a readable image × dim, float32), and its facts.

    Absent where there is no encoder, no folder of images, or no article that names one.

    Raises:
        ContractError: more than `max_problem_share` of the images are unreadable; it lists them.
    """
    paths = articles["image_path"].fillna("")
    named = np.flatnonzero(paths != "")
    reason = (
        encoder.reason if isinstance(encoder, Absent) else "" if len(named) else "no article names an image"
    )
    if reason or isinstance(encoder, Absent):
        return Absent(reason), nothing(len(articles), reason)
    encoded = encoder.encode(paths.iloc[named].tolist())
    _enforce({paths.iloc[named[i]]: why for i, why in encoded.problems.items()}, len(named), params)
    if len(encoded.problems) == len(named):
        return Absent("no image can be read"), nothing(len(articles), "no image can be read")
    return _matrix(encoded, encoder, named, len(articles))


def _matrix(
    encoded: Encoded, encoder: Encoder, positions: Sequence[int] | np.ndarray, articles: int
) -> tuple[np.ndarray, dict[str, Any]]:
    positions = np.asarray(positions)
    whole = np.ones(len(positions), bool)
    whole[list(encoded.problems)] = False
    has_vector = np.zeros(articles, bool)
    has_vector[positions[whole]] = True
    facts = {
        "has_vector": has_vector,
        "problems": {int(positions[i]): reason for i, reason in encoded.problems.items()},
        "card": encoder.card,
        "effort": encoded.effort,
    }
    return np.ascontiguousarray(encoded.vectors[whole], dtype=np.float32), facts


def _enforce(problems: dict[str, str], named: int, params: EmbeddingsParams) -> None:
    if len(problems) > params.max_problem_share * named:
        listed = "\n".join(f"  {path}: {why}" for path, why in sorted(problems.items())[:_LISTED])
        more = f"\n  and {len(problems) - _LISTED:,} more" if len(problems) > _LISTED else ""
        raise ContractError(
            f"embeddings: {len(problems):,} of {named:,} images can't be used; the ceiling is "
            f"{params.max_problem_share:.1%}:\n{listed}{more}\nMend the files, or raise "
            f"embeddings.max_problem_share."
        )


def fuse(
    text: np.ndarray,
    image: np.ndarray | Absent,
    text_facts: dict[str, Any],
    image_facts: dict[str, Any],
    params: EmbeddingsParams,
) -> tuple[np.ndarray | Absent, dict[str, Any]]:
    """Text and image beside one another, weighted, of unit length: for articles that have both."""
    articles = len(text_facts["has_vector"])
    if isinstance(image, Absent):
        return image, nothing(articles, image.reason)
    both = text_facts["has_vector"] & image_facts["has_vector"]
    if not both.any():
        return Absent("no article has both"), nothing(articles, "no article has both a text and an image")
    parts = (
        np.asarray(text)[both[text_facts["has_vector"]]],
        np.asarray(image)[both[image_facts["has_vector"]]],
    )
    return _beside(*parts, params.fused), {"has_vector": both, "problems": {}}


def _beside(text: np.ndarray, image: np.ndarray, weights: FusedParams) -> np.ndarray:
    together = np.hstack([text * np.float32(weights.text_weight), image * np.float32(weights.image_weight)])
    lengths = np.linalg.norm(together, axis=1, keepdims=True)
    return np.ascontiguousarray(together / lengths, dtype=np.float32)
