"""From texts and images to matrices of unit vectors, each row an article's, in the order of the ids."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ml_etl.absent import Absent
from ml_etl.pipelines.embeddings.articles import nothing
from ml_etl.pipelines.embeddings.params import EmbeddingsParams, FusedParams
from ml_etl.vectors import NO_FILE, Encoded, Encoder, require_few_problems


def embed_texts(articles: pd.DataFrame, encoder: Encoder) -> tuple[np.ndarray, dict[str, Any]]:
    """The matrix (articles with a text × dim, float32), and its facts; who has no text has no row."""
    encoded = encoder.encode(articles["text"].tolist())
    return _matrix(encoded, encoder, range(len(articles)), len(articles))


def embed_images(
    articles: pd.DataFrame, images: Any, encoder: Encoder | Absent, params: EmbeddingsParams
) -> tuple[np.ndarray | Absent, dict[str, Any]]:
    """The matrix (articles with a readable image × dim, float32), and its facts.

    Absent where there is no folder of images, no encoder, or no article has an image. A file that only the
    folder's way of naming expects, and that is not there, is no problem: the article has no image.

    Raises:
        ContractError: more than `max_problem_share` of the images are unreadable; it lists them.
    """
    if isinstance(images, Absent):
        return images, nothing(len(articles), images.reason)
    if isinstance(encoder, Absent):
        return encoder, nothing(len(articles), encoder.reason)
    files = images.files(articles["image_path"].tolist(), articles["article_id"].tolist())
    named = np.array([i for i, file in enumerate(files) if file.path], np.int64)
    encoded = encoder.encode([files[i] for i in named])
    told = articles["image_path"].notna().to_numpy()[named]
    problems = {i: why for i, why in encoded.problems.items() if told[i] or why != NO_FILE}
    paths = [files[i].path for i in named]
    require_few_problems(replace(encoded, problems=problems), paths, params.max_problem_share, "images")
    if len(encoded.problems) == len(named):
        reason = "no article has an image that can be read"
        return Absent(reason), nothing(len(articles), reason)
    matrix, facts = _matrix(encoded, encoder, named, len(articles))
    return matrix, facts | {"problems": {int(named[i]): why for i, why in problems.items()}}


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
